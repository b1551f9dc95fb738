-- Airflow's database is made by the image; MLflow's own is made here, once, when the volume is new.
CREATE DATABASE mlflow OWNER onebook;
