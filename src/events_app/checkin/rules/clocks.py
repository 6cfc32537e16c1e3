"""When something happened that a device tells of whose clock may be wrong."""

from datetime import datetime, timedelta

# Within a minute a clock is right: what remains is the way through the network.
TOLERANCE = timedelta(minutes=1)


def happened_at(device_at: datetime | None, sent_at: datetime | None, received_at: datetime) -> datetime:
    """`device_at` put right by how far that clock was off when it sent; never later than now.

    Devices that do not say when they sent are believed.
    """
    if device_at is None:
        return received_at
    skew = received_at - sent_at if sent_at else timedelta(0)
    return min(device_at + (skew if abs(skew) > TOLERANCE else timedelta(0)), received_at)
