"""Where Piccolo looks for the database and for the one app that holds every table."""

from piccolo.conf.apps import AppRegistry

from events_app.lib.database import engine

DB = engine
APP_REGISTRY = AppRegistry(apps=["events_app.piccolo_app"])
