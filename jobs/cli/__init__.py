"""The command line: what people and Airflow call."""
