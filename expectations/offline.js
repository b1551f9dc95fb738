// Draws the index of a Great Expectations site, for which its template asks the jQuery plug-in bootstrap-table.
(function ($) {
  if (!$) return;
  $.fn.bootstrapTable = function (options) {
    if (!options || !options.columns) return this;
    var columns = options.columns.filter(function (c) { return c.visible !== false; });
    return this.each(function () {
      var table = $(this).addClass("table table-sm table-hover").empty();
      var head = $("<tr>").appendTo($("<thead>").appendTo(table));
      columns.forEach(function (c) { head.append($("<th>").text(c.title || c.field)); });
      var body = $("<tbody>").appendTo(table);
      (options.data || []).forEach(function (row) {
        var line = $("<tr>").css("cursor", "pointer").appendTo(body);
        columns.forEach(function (c) { line.append($("<td>").html(row[c.field])); });
        line.on("click", function () { table.trigger("click-row.bs.table", [row, line]); });
      });
    });
  };
})(window.jQuery);
