"""The tenant's user objects: members, guests and what happens to them."""

import datetime
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from . import people
from .configuration import STAFF_DOMAIN, Configuration
from .state import State

PRIVATE = {"roles", "redeemedBy", "assigned", "visibleAt"}


@dataclass(frozen=True)
class Identity:
    """Who somebody is at their identity provider."""

    provider: str
    account: str

    def __str__(self) -> str:
        return f"{self.provider}:{self.account}"


class Directory:
    def __init__(self, configuration: Configuration, state: State):
        self.configuration = configuration
        self.state = state
        self._oids: dict[str, list[str]] | None = None

    def add_members(self) -> None:
        """Give every person with an address of the house a member object, once."""
        for person in list(self.state.people.values()):
            if people.domain_of(person["address"]) == STAFF_DOMAIN and not self.with_address(person["address"]):
                self._add_member(person)

    def person(self, address: str) -> dict:
        """The person behind an address: everybody exists who can be named."""
        address = address.lower()
        if address in self.state.people:
            return self.state.people[address]
        for known in self.state.people.values():
            if address in known["aliases"]:
                return known
        return people.person(address)

    def remember(self, address: str) -> None:
        """Put somebody on the front page, now that they have been seen."""
        person = self.person(address)
        if self.state.people.setdefault(person["address"], person) is person:
            self.state.changed()

    def identity(self, address: str) -> Identity:
        person = self.person(address)
        return Identity(person["provider"], person["address"])

    def with_address(self, address: str) -> dict | None:
        return next(iter(self.with_any_address([address])), None)

    def with_any_address(self, addresses: Iterable[str]) -> list[dict]:
        index = self._index()
        oids = dict.fromkeys(oid for address in addresses for oid in index.get(address.lower(), []))
        return [self.state.users[oid] for oid in oids]

    def with_id(self, key: str) -> dict | None:
        """The user with this object ID or user principal name."""
        return self.state.users.get(key.lower()) or self._with_upn(key)

    def addresses_changed(self) -> None:
        """Forget the index; whoever changes addresses of an object by hand calls this."""
        self._oids = None
        self.state.changed()

    def invite(self, address: str) -> tuple[dict, bool]:
        """The guest object for an address, and whether it is new. Inviting again gives the same object."""
        address = address.lower()
        if user := self.with_address(address):
            return user, False
        if alias_of := self._guest_of_same_person(address):
            alias_of["mail"] = address
            alias_of["proxyAddresses"].append(f"smtp:{address}")
            self.addresses_changed()
            return alias_of, False
        user = self._new_guest(address)
        self.audit("Invite external user", user)
        return user, True

    def signing_in(self, identity: Identity) -> dict | None:
        """The object that somebody is when they sign in: the one redeemed by exactly that account, or a
        pending one.
        """
        if identity.provider == people.HOME:
            return self._with_upn(identity.account)
        for user in self.state.users.values():
            if user["externalUserState"] == "Accepted" and user["redeemedBy"] == str(identity):
                return user
        for user in self.with_any_address([identity.account]):
            if user["externalUserState"] == "PendingAcceptance":
                return user
        return None

    def redeem(self, user: dict, identity: Identity) -> None:
        person = self.person(identity.account)
        user["externalUserState"] = "Accepted"
        user["externalUserStateChangeDateTime"] = self.timestamp()
        user["redeemedBy"] = str(identity)
        # Entra overwrites the name from the home account; this is not something that Passport sends.
        user["displayName"] = person["name"]
        user["identities"] = [
            *[entry for entry in user["identities"] if entry["signInType"] == "userPrincipalName"],
            {
                "signInType": "federated",
                "issuer": people.GRAPH_ISSUER[identity.provider],
                "issuerAssignedId": None,
            },
        ]
        self.audit("Redeem external user invite", user)

    def reset_redemption(self, user: dict) -> None:
        user["externalUserState"] = "PendingAcceptance"
        user["externalUserStateChangeDateTime"] = self.timestamp()
        user["redeemedBy"] = ""
        user["identities"] = [entry for entry in user["identities"] if entry["signInType"] == "userPrincipalName"]
        self.audit("Invite external user with reset invitation status", user)

    def delete(self, user: dict) -> None:
        del self.state.users[user["id"]]
        self.addresses_changed()
        self.state.deleted[user["id"]] = user | {"deletedDateTime": self.timestamp()}
        self.audit("Delete external user" if user["userType"] == "Guest" else "Delete user", user)

    def restore(self, oid: str) -> dict:
        user = self.state.deleted.pop(oid)
        user.pop("deletedDateTime", None)
        self.state.users[oid] = user
        self.addresses_changed()
        self.audit("Restore user", user)
        return user

    def audit(self, activity: str, user: dict) -> None:
        self.state.audits.append(
            {
                "id": f"Directory_{uuid.uuid4()}",
                "category": "UserManagement",
                "correlationId": str(uuid.uuid4()),
                "result": "success",
                "resultReason": "",
                "activityDisplayName": activity,
                "activityDateTime": self.timestamp(),
                "loggedByService": "Invited Users" if "invite" in activity.lower() else "Core Directory",
                "targetResources": [{"id": user["id"], "type": "User", "userPrincipalName": user["userPrincipalName"]}],
            }
        )
        self.state.changed()

    def log_sign_in(
        self, *, client_id: str, account: str, user: dict | None, number: int, reason: str, correlation: str
    ) -> None:
        self.state.sign_ins.append(
            {
                "id": str(uuid.uuid4()),
                "createdDateTime": self.timestamp(),
                "userDisplayName": user["displayName"] if user else account,
                "userPrincipalName": account,
                "userId": user["id"] if user else "00000000-0000-0000-0000-000000000000",
                "appId": client_id,
                "appDisplayName": "Passport",
                "ipAddress": "203.0.113.7",
                "clientAppUsed": "Browser",
                "correlationId": correlation,
                "conditionalAccessStatus": "failure" if number == 53003 else "notApplied",
                "isInteractive": True,
                "riskDetail": "none",
                "status": {
                    "errorCode": number,
                    "failureReason": reason or "Other.",
                    "additionalDetails": None,
                },
                "location": {"city": "Utrecht", "state": "Utrecht", "countryOrRegion": "NL"},
                "writtenAt": self.state.now(),
            }
        )
        self.state.changed()

    def timestamp(self, seconds: float | None = None) -> str:
        moment = datetime.datetime.fromtimestamp(self.state.now() if seconds is None else seconds, datetime.UTC)
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

    def _index(self) -> dict[str, list[str]]:
        if self._oids is None:
            self._oids = {}
            for user in self.state.users.values():
                self._enter(user)
        return self._oids

    def _enter(self, user: dict) -> None:
        index = self._index()
        for key in (*_addresses(user), f"upn {user['userPrincipalName'].lower()}"):
            index.setdefault(key, []).append(user["id"])

    def _with_upn(self, upn: str) -> dict | None:
        return self.with_address(f"upn {upn}")

    def _guest_of_same_person(self, address: str) -> dict | None:
        person = next((person for person in self.state.people.values() if address in person["aliases"]), None)
        if person is None:
            return None
        identity = str(Identity(person["provider"], person["address"]))
        return next((user for user in self.state.users.values() if user["redeemedBy"] == identity), None)

    def _new_guest(self, address: str) -> dict:
        upn = f"{address.replace('@', '_')}#EXT#@{self.configuration.initial_domain}"
        if self._with_upn(upn):
            upn = f"{address.replace('@', '_')}_{uuid.uuid4().hex[:8]}#EXT#@{self.configuration.initial_domain}"
        return self._add(
            {
                "userPrincipalName": upn,
                "displayName": address.split("@")[0],
                "mail": address,
                "proxyAddresses": [f"SMTP:{address}"],
                "userType": "Guest",
                "creationType": "Invitation",
                "externalUserState": "PendingAcceptance",
                "externalUserStateChangeDateTime": self.timestamp(),
            }
        )

    def _add_member(self, person: dict) -> None:
        given, _, surname = person["name"].partition(" ")
        # The same oid in every sandbox of this tenant: a reset must not make new people of the staff.
        oid = str(uuid.uuid5(uuid.UUID(self.configuration.tenant_id), person["address"]))
        self._add(
            {
                "id": oid,
                "userPrincipalName": person["address"],
                "displayName": person["name"],
                "givenName": given,
                "surname": surname,
                "mail": person["address"],
                "proxyAddresses": [f"SMTP:{person['address']}"],
                "userType": "Member",
                "roles": person["roles"] or [],
                "assigned": True,
            }
        )

    def _add(self, data: dict) -> dict:
        user = {
            "id": str(uuid.uuid4()),
            "givenName": None,
            "surname": None,
            "jobTitle": None,
            "mobilePhone": None,
            "officeLocation": None,
            "preferredLanguage": None,
            "businessPhones": [],
            "otherMails": [],
            "accountEnabled": True,
            "creationType": None,
            "createdDateTime": self.timestamp(),
            "externalUserState": None,
            "externalUserStateChangeDateTime": None,
            "roles": [],
            "redeemedBy": "",
            "assigned": False,
            "visibleAt": self.state.now() + self.state.settings["replication_seconds"],
            **data,
        }
        user["identities"] = [
            {
                "signInType": "userPrincipalName",
                "issuer": self.configuration.initial_domain,
                "issuerAssignedId": user["userPrincipalName"],
            }
        ]
        self.state.users[user["id"]] = user
        self._enter(user)
        self.state.changed()
        return user


def _addresses(user: dict) -> set[str]:
    proxies = [address.partition(":")[2] for address in user["proxyAddresses"] if address.lower().startswith("smtp:")]
    names = [user["mail"] or "", *user["otherMails"], *proxies]
    if user["userType"] == "Member":
        names.append(user["userPrincipalName"])
    return {name.lower() for name in names if name}
