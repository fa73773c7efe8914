DROP TABLE chance;
