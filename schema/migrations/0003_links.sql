-- There is no updater lock without a durable saga that will release it.
ALTER TABLE instance
    ADD CONSTRAINT instance_updater FOREIGN KEY (updater_id) REFERENCES saga (id);
