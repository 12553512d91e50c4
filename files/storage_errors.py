"""What a storage raises when it cannot be reached, or will not do what it is asked: the disk's errors, and S3's."""

from botocore.exceptions import BotoCoreError, ClientError

STORAGE_ERRORS = (OSError, ClientError, BotoCoreError)
