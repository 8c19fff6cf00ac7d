from livekit import api

from cornerman.dispatch import Account, Call, Person, create_call, send_coach


async def start_call(rep: str, prospect: str, company: str) -> Call:
    """A new call; hand each of the two `call.url` and the own token out of `call.tokens`, and nobody else's."""
    people = [Person(rep, "Maya", role="rep"), Person(prospect, "Tom")]
    return await create_call(people, account=Account(company=company))


async def rep_joined(call: Call) -> None:
    """Sees to it that a coach is there; for when the rep joined, and for calls that are under way already."""
    async with api.LiveKitAPI() as livekit:
        await send_coach(livekit, call.room, call.metadata)
