"""What only Dagster needs: partitions, jobs, schedules, sensors, resources, metadata. No rule about casualties."""
