"""Places: provinces, cities and districts with their administrative codes, streets, and written addresses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jobs.demo.arrays import Bools, Ints, Texts, draw, glue

# province city weight: district names with their codes (GB/T 2260) and the city's postcode
CITY_TABLE = """
北京市 北京市 9 100000: 东城区110101 西城区110102 朝阳区110105 丰台区110106 海淀区110108 通州区110112
天津市 天津市 4 300000: 和平区120101 河西区120103 南开区120104
河北省 石家庄市 2 050000: 长安区130102 桥西区130104 新华区130105
山西省 太原市 1 030000: 小店区140105 迎泽区140106 杏花岭区140107
内蒙古自治区 呼和浩特市 1 010000: 新城区150102 回民区150103 赛罕区150105
辽宁省 沈阳市 2 110000: 和平区210102 沈河区210103 铁西区210106
辽宁省 大连市 2 116000: 中山区210202 西岗区210203 沙河口区210204
吉林省 长春市 1 130000: 南关区220102 宽城区220103 朝阳区220104
黑龙江省 哈尔滨市 2 150000: 道里区230102 南岗区230103 香坊区230110
上海市 上海市 9 200000: 黄浦区310101 徐汇区310104 长宁区310105 静安区310106 杨浦区310110 闵行区310112 浦东新区310115
江苏省 南京市 4 210000: 玄武区320102 秦淮区320104 鼓楼区320106 江宁区320115
江苏省 无锡市 2 214000: 锡山区320205 惠山区320206 滨湖区320211
江苏省 苏州市 5 215000: 虎丘区320505 吴中区320506 姑苏区320508
浙江省 杭州市 5 310000: 上城区330102 西湖区330106 滨江区330108 萧山区330109 余杭区330110
浙江省 宁波市 3 315000: 海曙区330203 江北区330205 鄞州区330212
浙江省 温州市 2 325000: 鹿城区330302 龙湾区330303
安徽省 合肥市 3 230000: 瑶海区340102 庐阳区340103 蜀山区340104
福建省 福州市 2 350000: 鼓楼区350102 台江区350103 仓山区350104
福建省 厦门市 2 361000: 思明区350203 湖里区350206 集美区350211
江西省 南昌市 2 330000: 东湖区360102 西湖区360103 青山湖区360111
山东省 济南市 3 250000: 历下区370102 市中区370103 槐荫区370104
山东省 青岛市 3 266000: 市南区370202 市北区370203 崂山区370212
河南省 郑州市 4 450000: 中原区410102 二七区410103 金水区410105
湖北省 武汉市 5 430000: 江岸区420102 江汉区420103 武昌区420106 洪山区420111
湖南省 长沙市 3 410000: 芙蓉区430102 天心区430103 岳麓区430104 开福区430105
广东省 广州市 7 510000: 荔湾区440103 越秀区440104 海珠区440105 天河区440106 白云区440111
广东省 深圳市 8 518000: 罗湖区440303 福田区440304 南山区440305 宝安区440306
广东省 佛山市 3 528000: 禅城区440604 南海区440605 顺德区440606
广西壮族自治区 南宁市 2 530000: 兴宁区450102 青秀区450103 江南区450105
海南省 海口市 1 570000: 秀英区460105 龙华区460106
重庆市 重庆市 5 400000: 渝中区500103 江北区500105 沙坪坝区500106 九龙坡区500107 渝北区500112
四川省 成都市 6 610000: 锦江区510104 青羊区510105 金牛区510106 武侯区510107 成华区510108
贵州省 贵阳市 1 550000: 南明区520102 云岩区520103
云南省 昆明市 2 650000: 五华区530102 盘龙区530103 官渡区530111
西藏自治区 拉萨市 0.2 850000: 城关区540102
陕西省 西安市 4 710000: 新城区610102 碑林区610103 莲湖区610104 雁塔区610113
甘肃省 兰州市 1 730000: 城关区620102 七里河区620103
青海省 西宁市 0.5 810000: 城东区630102
宁夏回族自治区 银川市 0.5 750000: 兴庆区640104 金凤区640106
新疆维吾尔自治区 乌鲁木齐市 1 830000: 天山区650102 沙依巴克区650103
"""
STREETS = [
    "人民路",
    "中山路",
    "解放路",
    "建设路",
    "和平路",
    "新华路",
    "文化路",
    "胜利路",
    "长江路",
    "黄河路",
    "北京路",
    "南京路",
    "青年路",
    "友谊路",
    "光明路",
    "幸福路",
    "团结路",
    "东风路",
    "朝阳路",
    "学院路",
    "科技路",
    "工业路",
    "迎宾路",
    "滨河路",
    "公园路",
    "湖滨路",
    "体育路",
    "环城路",
    "花园路",
    "金融街",
    "步行街",
    "和谐大道",
    "世纪大道",
    "迎春街",
    "桃园街",
    "槐树街",
    "柳林街",
    "松江路",
    "泰山路",
    "华山路",
    "嵩山路",
    "衡山路",
    "香山路",
    "翠竹路",
    "紫荆路",
    "玉兰路",
    "海棠路",
    "丹桂街",
]


def _districts() -> tuple[list[list[str]], list[float]]:
    rows, weights = [], []
    for line in CITY_TABLE.strip().splitlines():
        head, tail = line.split(":")
        province, city, weight, postcode = head.split()
        found = tail.split()
        for district in found:
            rows.append([province, city, district[:-6], district[-6:], postcode])
            weights.append(float(weight) / len(found))
    return rows, weights


_ROWS, DISTRICT_WEIGHTS = _districts()
PROVINCE, CITY, DISTRICT, AREA, POSTCODE = (np.array([row[i] for row in _ROWS]) for i in range(5))
STREET = np.array(STREETS)
CITY_NAMES = list(dict.fromkeys(CITY.tolist()))
CITY_OF = np.array([CITY_NAMES.index(name) for name in CITY.tolist()])


@dataclass
class Addresses:
    """Addresses as positions and numbers, one an entry; text is written only where a system needs it."""

    district: Ints
    street: Ints
    number: Ints
    building: Ints
    room: Ints

    def take(self, rows: Ints) -> Addresses:
        """The addresses of some rows."""
        return Addresses(*(part[rows] for part in self.parts))

    @property
    def parts(self) -> tuple[Ints, Ints, Ints, Ints, Ints]:
        """The five parts in order."""
        return self.district, self.street, self.number, self.building, self.room

    def or_else(self, mask: Bools, other: Addresses) -> Addresses:
        """These addresses where `mask` holds, the other's elsewhere."""
        return Addresses(*(np.where(mask, a, b) for a, b in zip(self.parts, other.parts, strict=True)))

    @property
    def line(self) -> Texts:
        """Street, number, building and room: 人民路12号3栋502室."""
        return glue(
            STREET[self.street], self.number.astype(np.str_), "号",
            self.building.astype(np.str_), "栋", self.room.astype(np.str_), "室",
        )  # fmt: skip

    @property
    def short_line(self) -> Texts:
        """The same place as tellers abbreviate it: 人民路12-3-502."""
        parts = [
            self.number.astype(np.str_),
            "-",
            self.building.astype(np.str_),
            "-",
            self.room.astype(np.str_),
        ]
        return glue(STREET[self.street], *parts)


def draw_districts(rng: np.random.Generator, size: int) -> Ints:
    """Positions of districts, large cities more often."""
    return draw(rng, len(AREA), size, DISTRICT_WEIGHTS)


def draw_addresses(rng: np.random.Generator, district: Ints) -> Addresses:
    """New addresses in the given districts."""
    size = len(district)
    room = rng.integers(1, 19, size) * 100 + rng.integers(1, 5, size)
    street = (rng.random(size) ** 1.2 * len(STREETS)).astype(np.int64)
    return Addresses(district, street, rng.integers(1, 400, size), rng.integers(1, 31, size), room)
