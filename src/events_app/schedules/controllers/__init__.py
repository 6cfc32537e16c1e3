"""What schools, companies, calendars and scripts see of what is planned."""
