"""When things run: Airflow DAGs that start the command line. Parsing reads graph.json and loads no Spark."""
