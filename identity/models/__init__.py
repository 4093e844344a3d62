"""What identity keeps. Each module holds one subject; a later one may name an earlier one.

User < EntraAccount < Failure < Invitation < the attempts to sign in < Device < Session.
User < UserEvent, SentEmail.
"""

from identity.models.account import EntraAccount, EntraAccountQuerySet
from identity.models.device import Device, DeviceQuerySet
from identity.models.due_date import DueDate
from identity.models.failure import Failure, FailurePerson, FailurePersonQuerySet, FailureQuerySet, new_reference
from identity.models.graph_answers import GraphAnswers
from identity.models.graph_pause import GraphPause
from identity.models.heartbeat import Heartbeat
from identity.models.installation import Installation
from identity.models.invitation import Invitation, InvitationQuerySet
from identity.models.network_count import NetworkCount
from identity.models.sent_email import SentEmail
from identity.models.session import Session
from identity.models.sign_in import EmergencyLink, LoggedSignIn, SignInAttempt
from identity.models.user import User, UserManager, UserQuerySet, new_username
from identity.models.user_event import UserEvent

__all__ = [
    "DueDate",
    "Device",
    "DeviceQuerySet",
    "EmergencyLink",
    "EntraAccount",
    "EntraAccountQuerySet",
    "Failure",
    "FailurePerson",
    "FailurePersonQuerySet",
    "FailureQuerySet",
    "GraphAnswers",
    "GraphPause",
    "Heartbeat",
    "Installation",
    "Invitation",
    "InvitationQuerySet",
    "LoggedSignIn",
    "NetworkCount",
    "SentEmail",
    "Session",
    "SignInAttempt",
    "User",
    "UserEvent",
    "UserManager",
    "UserQuerySet",
    "new_reference",
    "new_username",
]
