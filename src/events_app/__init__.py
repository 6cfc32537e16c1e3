"""events_app: a trade union plans activities, lets people in, and shows afterwards what was done."""
