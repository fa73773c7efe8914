DROP TABLE round_events;
DROP TABLE round_people;
DROP TABLE rounds;
