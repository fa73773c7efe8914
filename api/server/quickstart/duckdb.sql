-- curl -L -o recipients.parquet '{{host}}/v1/datasets/recipients/latest/{{area}}.parquet'

SELECT program, sex, age_band, COUNT(*) AS rows
FROM 'recipients.parquet'
GROUP BY ALL
ORDER BY ALL;

SELECT COUNT(*) AS rows
FROM 'recipients.parquet'
WHERE program = '{{program}}';
