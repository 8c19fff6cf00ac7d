"""Words on a card that would steer somebody or something else than the conversation.

Orders to a model or to the panel, to hand out secrets, to send the card on to somebody, to unmake a record, and reports
of deeds that advice cannot have done.
"""

from __future__ import annotations

import re
from typing import Final

_CARD: Final = (
    r"(?:card|cards|nudge|nudges|hint|hints|advice|panel|coaching|coach notes|coach words|note to|prompt|transcript"
    r"|recording|(?:your|my|these|the) notes|karte|hinweis|hinweise|notizen|mitschrift|aufnahme)"
)
_AUDIENCE: Final = (
    r"(?:everyone|everybody|anyone|anybody|all (?:of (?:them|you)|participants|callers|attendees|sides|parties)"
    r"|(?:the )?(?:whole|entire) (?:room|call|group|team|meeting)|the (?:room|prospects?|participants?|other side)"
    r"|(?:prospect|participant|rep|observer) \d+|alle|allen|jedem|jeden)"
)
"""Whoever a card would be shown to besides the rep: whole groups, the other side, a participant's identity."""
_RECORDS: Final = (
    r"(?:transcripts?|recordings?|notes?|logs?|history|journal|records?|audit trail|evidence|crm|account|accounts"
    r"|entry|entries|call|everything|mitschrift|aufnahme|notizen|protokoll|eintrag|konto|alles)"
)
_DONE: Final = (
    r"(?:deleted|erased|wiped|purged|destroyed|logged|emailed|mailed|forwarded|saved|stored|filed|synced"
    r"|written|entered|marked|registered|executed|activated|unlocked|cancelled|canceled)"
)
"""What is done to records and systems, which advice cannot have done nor seen done."""
_PATTERNS: Final = re.compile(
    "|".join(
        (
            # orders to a model, and what one says who obeys them
            r" (?:ignore|ignoring|disregard|forget|bypass|override|overrule|discard) (?:\w+ ){0,4}"
            r"(?:instructions?|prompts?|rules?|guidelines|previous|prior|above|system|playbook|policy|limits?"
            r"|context|check) ",
            r" (?:system|developer|hidden|initial) (?:prompt|message|instructions?) ",
            r" (?:new|my|your|these|following|updated) instructions ",
            r" (?:you are|you're|i am|i'm|act as|acting as|pretend|behave as|roleplay as) (?:now |an? )?(?:\w+ )?"
            r"(?:ai|assistant|language model|chatbot|unrestricted|dan|developer|admin|administrator|root"
            r"|in developer mode) ",
            r" (?:as an ai|language model|jailbreak\w*|prompt injection|developer mode|admin mode|debug mode"
            r"|god mode) ",
            r" (?:instruction|instructions|order|command) (?:received|accepted|followed|complete|completed"
            r"|override) ",
            r" (?:pwned|hacked by|owned by|i (?:obey|obeyed|complied|comply|followed)|as instructed"
            r"|as you instructed|as requested by the (?:page|document|screen)) ",
            r" (?:ignoriere|vergiss|missachte) (?:\w+ ){0,4}(?:anweisung\w*|regeln?|vorgaben?|bisherigen?|obigen?) ",
            # the card itself passed on, or shown to anybody else
            rf" (?:send|forward|show|copy|read|deliver|post|broadcast|relay|publish|share|transmit|route"
            rf"|redirect|leak|cc|bcc)"
            rf"(?: \w+){{0,3}}? {_CARD}(?: \w+){{0,3}}? (?:to|with|in|aloud|for) ",
            r" (?:send|deliver|route|redirect|forward|address) (?:this|it|that|these|everything"
            r"|all) (?:message |text |words? )?"
            r"(?:to|instead to) ",
            r" (?:recipients?|destination|addressee|participant id|identity|empfänger)"
            r"(?: (?:of|for|von|für)(?: \w+){1,4}?)?"
            r" (?:is|are|equals|was|ist|sind) ",
            r" (?:tell|notify|inform|message|alert|show) (?:everyone|everybody|all participants|the whole room"
            r"|the room|all callers) ",
            r" the coach (?:says|said|told|wants|is|here|asks|thinks|hears) ",
            rf" (?:send|forward|show|copy|read|deliver|post|relay|publish|share|transmit|display|announce|leak|pass"
            rf"|hand|reveal|zeige?|schicke?|sende|leite|teile|lies)"
            rf" (?:this|that|these|it|them|all|everything|das|dies|es|alles)"
            rf"(?: \w+){{0,3}}? (?:to|with|an|mit) {_AUDIENCE} ",
            rf" (?:show|display|zeige?|schicke?|sende) {_AUDIENCE} (?:this |these |that |it |das |dies |$)",
            rf" (?:let|have|make) {_AUDIENCE} (?:see|read|hear|have) (?:this|these|(?:the |your )?{_CARD}) ",
            r" (?:put|throw|place|paste) (?:this|these)(?: \w+){0,2}? (?:on|in|onto|into) ",
            rf" {_CARD} (?:goes|go|is sent|are sent|is for|belongs) (?:out )?(?:to|with) ",
            r" (?:show|read|share|post|publish|announce|relay|pass|display) (?:this|these|the above)"
            r"(?: (?:on|out|aloud|card|text|message))? (?:to|with|out|aloud) ",
            r" (?:broadcast|livestream) (?:this|that|these|it|them|the|your|my|everything|all) ",
            # whoever the other side would make the rep's advisers work for
            r" from now on (?:you|i|we)(?: (?:will|must|shall|should|only|are|have to))*"
            r" (?:work|works|working|obey|serve|serving|answer to|belong|report to|follow|take orders|act|speak for"
            r"|are) ",
            r" (?:you|i) (?:now )?(?:work for|obey|serve|belong to|take orders from|answer only to)"
            r" (?:them|him|her|us|me|the) ",
            r" from now on (?:obey|serve|follow|work for|answer to|act for) "
            r"| (?:you|i) (?:now|only) (?:report|answer) to | your (?:new|real|true) (?:boss|master|owner|employer) "
            r"| (?:follow|obey|take|execute)(?: \w+){1,2}? (?:orders|commands|instructions) ",
            r" (?:ab (?:jetzt|sofort)|von (?:nun|jetzt) an) (?:arbeitest|arbeiten|gehorchst|gehorchen|dienst|bist) ",
            # whatever anybody else wants
            r" (?:say yes|agree|accept|approve|commit|consent)(?: to)? (?:whatever|everything|anything|all(?: \w+)?"
            r"|every (?:demand|term|request)) ",
            r" (?:as|because) the (?:slide|screen|document|page|e mail|email|crm|note|contract)(?: \w+)? "
            r"(?:orders|instructs|demands|commands|wants|tells) ",
            # secrets and money
            r" session (?:has |is )?expired | (?:log|sign) in (?:again|here|now|with|to) ",
            r" (?:password|passwords|passcode|passphrase|credentials|api key|api keys|secret key|access token"
            r"|auth token|iban"
            r"|routing number|gift cards?|wire transfer|crypto wallet|credit card numbers?|card number"
            r"|social security"
            r"|two factor code|verification code|one time code|kennwort|passwort) ",
            r" (?:click|tap|press) (?:\w+ ){0,3}(?:here|link|button|below|confirm) ",
            r" (?:download|install|execute|paste|curl|sudo|run) (?:\w+ ){0,2}(?:this|file|script|command|code"
            r"|app|software|extension) ",
            r" (?:share|turn off|disable|mute|stop) (?:\w+ ){0,2}(?:your screen|the coach|recording consent"
            r"|consent) ",
            # deeds
            r" i (?:have |ve |just |already )*(?:logged|sent|emailed|mailed|booked|scheduled|updated|created"
            r"|granted|applied|approved"
            r"|saved|recorded|forwarded|deleted|notified|added|changed|set) ",
            r" (?:has|have) been (?:logged|emailed|sent|forwarded|booked|recorded in|saved to|written to"
            r"|updated in)(?: \w+){0,4} ",
            r" (?:logged|saved|written|recorded|updated|sent) (?:it |this |that )?(?:to|in|into) (?:the |your )?"
            r"(?:crm|hubspot|salesforce|account|system) ",
            rf" (?:was|were|got|(?:has|have|had) been|(?:is|are) (?:now|already))"
            rf" (?:(?:now|already|just|all|safely|successfully|permanently) )*{_DONE} ",
            rf" (?:is|are) (?:{_DONE}|gone) (?:as |now |already |$)",
            r" done as (?:\w+ )?(?:asked|requested|ordered|instructed|told|wished) ",
            r" (?:was|were|been) \w+(?:ed|en|pt|ut) (?:\w+ )?(?:in|into|to) (?:the |your )?(?:crm|hubspot|salesforce) ",
            r" we have (?:just |already |now )*(?:deleted|erased|wiped|logged|emailed|mailed|cancelled|canceled) ",
            r" (?:remove|clear|strike) (?:the |this |that |all )?(?:transcripts?|recordings?|logs?|audit trail) ",
            rf" i (?:have |ve |just |already )*(?:{_DONE}|removed|closed|noted|issued|signed) ",
            r" (?:outcome|summary|result|note|notes|deal|call|entry|it|this|everything|all) (?:is|are|went|landed|sits)"
            r" (?:(?:now|already|all|safely) )*(?:in|into|on) (?:the |your |their )?(?:crm|hubspot|salesforce|records?"
            r"|database) ",
            r" (?:wurden?|hat|haben|habe|ist jetzt|sind jetzt) (?:\w+ ){0,4}(?:gelöscht|gespeichert|eingetragen"
            r"|protokolliert|versendet|verschickt|gebucht|vermerkt|entfernt) ",
            # what would unmake the record; what a vendor does with data is not meant
            rf"(?<! we)(?<! they)(?<! not)(?<! never) (?:delete|erase|wipe|purge|destroy|discard|shred|falsify"
            rf"|tamper with|lösche?|vernichte)(?: (?!within|after)\w+){{0,2}}? {_RECORDS} ",
        )
    )
)
_ROLE_MARK: Final = re.compile(r"(?:^|[\s\"'(\[])(?:system|assistant|user|developer|tool|human|ai)\s*:", re.IGNORECASE)
_TO_FIELD: Final = re.compile(r"(?:^|\s)(?:to|cc|bcc|an|for|recipient|destination)\s*[:=]\s*\S", re.IGNORECASE)


def steers(text: str, line: str) -> bool:
    """Whether a text, whose folded words are `line`, gives such an order or report."""
    return bool(_PATTERNS.search(line) or _ROLE_MARK.search(text) or _TO_FIELD.search(text))
