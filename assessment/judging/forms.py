"""The assessor's forms: judging an item, authenticating a witness."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from assessment.judging.actions import Confirmation, Verdict
from assessment.models import ItemConfirmation
from evidence.models import Claim, ClaimState, EvidenceVersion

ACCEPT, RETURN, LEAVE = "accept", "return", ""
VAC = ("is_valid_evidence", "is_authentic", "is_current")
_DECISIONS = {ClaimState.ACCEPTED: ACCEPT, ClaimState.RETURNED: RETURN}


@dataclass(frozen=True)
class ClaimRow:
    """One claim on the judge page with its two fields; ``barred`` says why it cannot be accepted, if so."""

    claim: Claim
    verdict: forms.BoundField
    comment: forms.BoundField
    barred: str

    @property
    def asked_for(self) -> str:
        """What the item asks for that a lettered point belongs to; "" where the claim is not against such a point."""
        criterion = self.claim.criterion
        return "" if criterion is None or criterion.is_implied else criterion.group.text


class JudgeForm(forms.Form):
    """A verdict and a comment for each claim that this assessor judges, and V, A and C once for the item.

    ``claims``: the claims in the order shown, each with the reason why it cannot be accepted, or "".
    ``accept_all`` in the data (the button of that name) stands for accepting every claim left undecided.
    """

    version = forms.IntegerField(widget=forms.HiddenInput)
    is_valid_evidence = forms.BooleanField(label="Valid: it shows what it is claimed to show", required=False)
    is_authentic = forms.BooleanField(label="Authentic: it is the candidate’s own work", required=False)
    is_current = forms.BooleanField(label="Current: it shows what the candidate can do now", required=False)
    how_authenticated = forms.CharField(
        label="How did you make sure that it is authentic?",
        max_length=200,
        required=False,
        help_text="Such as: saw the originals on site, spoke to the supervisor, watched it happen.",
    )

    def __init__(
        self,
        *args: Any,
        version: EvidenceVersion,
        claims: Sequence[tuple[Claim, str]],
        confirmation: ItemConfirmation | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._claims = claims
        self._confirmation = confirmation
        self.initial.setdefault("version", version.pk)
        if confirmation:
            self.initial.update(
                is_valid_evidence=confirmation.is_valid,
                is_authentic=confirmation.is_authentic,
                is_current=confirmation.is_current,
                how_authenticated=confirmation.how_authenticated,
            )
            # Judgements rest on it once all three are confirmed, so what was said then stays.
            self.fields["how_authenticated"].disabled = confirmation.is_whole
        if version.kept_at and not version.files.all():
            self.fields["how_authenticated"].help_text = "It stays at work, so say where and when you saw it."
        for claim, barred in claims:
            decisions = [(ACCEPT, "Accept"), (RETURN, "Return")]
            if claim.state == ClaimState.UNDECIDED:
                decisions.append((LEAVE, "Leave for now"))
            if barred:
                decisions = decisions[1:]
            self.fields[f"claim_{claim.pk}"] = forms.ChoiceField(
                label=f"Decision on {claim.label_in_a_sentence}",
                choices=decisions,
                widget=forms.RadioSelect,
                required=False,
                initial=_DECISIONS.get(ClaimState(claim.state), LEAVE),
            )
            self.fields[f"comment_{claim.pk}"] = forms.CharField(
                label=f"Comment on {claim.label_in_a_sentence}",
                widget=forms.Textarea(attrs={"rows": 2}),
                required=False,
                help_text="Needed when you return it: say what is missing.",
            )

    def look_at(self, version: EvidenceVersion) -> None:
        """Let the form stand for another version, once its page shows that one; everything typed stays."""
        self.data = {**self.data, "version": str(version.pk)}

    def rows(self) -> list[ClaimRow]:
        """The claims with their fields, in the order shown."""
        return [
            ClaimRow(claim, self[f"claim_{claim.pk}"], self[f"comment_{claim.pk}"], barred)
            for claim, barred in self._claims
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for claim, _ in self._claims:
            is_new = claim.state != ClaimState.RETURNED and data.get(f"claim_{claim.pk}") == RETURN
            if is_new and not data.get(f"comment_{claim.pk}", "").strip():
                self.add_error(f"comment_{claim.pk}", "Say what is missing, so that it can be mended.")
        if data.get("is_authentic") and not data.get("how_authenticated", "").strip():
            self.add_error("how_authenticated", "Say how you made sure that it is authentic.")
        for claim, _ in self._claims:
            is_idle = not data.get(f"claim_{claim.pk}") and "accept_all" not in self.data
            if is_idle and data.get(f"comment_{claim.pk}", "").strip():
                self.add_error(f"claim_{claim.pk}", "You wrote a comment: accept or return the claim, too.")
        missing = [name for name in VAC if not data.get(name)]
        if missing and any(verdict.is_accepted for verdict in self.verdicts()):
            self.add_error(missing[0], "Confirm all three before you accept a claim.")
        is_undecided = not any(data.get(f"claim_{claim.pk}") for claim, _ in self._claims)
        if not self.errors and is_undecided and not self.verdicts() and self.confirmation() is None:
            raise ValidationError("Nothing has been decided yet. Accept or return at least one claim.")
        return data

    def verdicts(self) -> list[Verdict]:
        """The decisions made: those left for now and those that stay as they were are not among them."""
        made = []
        for claim, barred in self._claims:
            decision = self.cleaned_data.get(f"claim_{claim.pk}", LEAVE)
            comment = self.cleaned_data.get(f"comment_{claim.pk}", "").strip()
            if "accept_all" in self.data and decision == LEAVE and not barred:
                decision = ACCEPT
            stays = decision == _DECISIONS.get(ClaimState(claim.state), LEAVE) and comment in ("", claim.comment)
            if decision != LEAVE and not stays:
                made.append(Verdict(claim_id=claim.pk, is_accepted=decision == ACCEPT, comment=comment))
        return made

    def confirmation(self) -> Confirmation | None:
        """The V, A and C as ticked; None where nothing is ticked and nothing was."""
        data = self.cleaned_data
        ticked = Confirmation(
            is_valid=data.get("is_valid_evidence", False),
            is_authentic=data.get("is_authentic", False),
            is_current=data.get("is_current", False),
            how_authenticated=data.get("how_authenticated", ""),
        )
        is_blank = not (ticked.is_valid or ticked.is_authentic or ticked.is_current)
        if is_blank and self._confirmation is None:
            return None
        before = self._confirmation
        if before and (before.is_valid, before.is_authentic, before.is_current) == (
            ticked.is_valid,
            ticked.is_authentic,
            ticked.is_current,
        ):
            return None
        return ticked


class AuthenticateWitnessForm(forms.Form):
    """How an assessor made sure that a witness is genuine (R20a)."""

    how = forms.CharField(
        label="How did you make sure that the witness is genuine?",
        max_length=200,
        help_text="The candidate gave you the address, so use another way too: call the employer’s main number, "
        "meet them on site, look them up in the staff list.",
    )
