"""The closed list of what can happen (HOUSE, habit 6)."""

from django.db import models


class EventType(models.TextChoices):
    """Every kind of event. Values are part of each event's digest: never rename or reuse one."""

    # Centres and people
    CENTRE_OPENED = "centre_opened", "Centre opened"
    CENTRE_CORRECTED = "centre_corrected", "Centre corrected by the operators"
    PERSON_CORRECTED = "person_corrected", "Account corrected by the operators"
    PERSON_INVITED = "person_invited", "Person invited"
    INVITATION_WITHDRAWN = "invitation_withdrawn", "Invitation withdrawn"
    INVITATION_ACCEPTED = "invitation_accepted", "Invitation accepted"
    ROLE_GIVEN = "role_given", "Role given"
    ROLE_ENDED = "role_ended", "Role ended"
    AWARD_RECORDED = "award_recorded", "Award recorded"
    AWARD_WITHDRAWN = "award_withdrawn", "Award withdrawn"
    APPROVAL_GIVEN = "approval_given", "Approval for a unit given"
    APPROVAL_ENDED = "approval_ended", "Approval for a unit ended"
    ACCESS_GRANTED = "access_granted", "Access granted"
    ACCESS_ENDED = "access_ended", "Access ended"
    STANDARD_LOADED = "standard_loaded", "Standard loaded"
    AWARD_KIND_RECOGNISED = "award_kind_recognised", "Kind of award recognised"
    AWARD_CERTIFICATE_FILED = "award_certificate_filed", "Certificate of an award filed"
    COMPETENCE_NOTED = "competence_noted", "Competence noted"
    HANDED_OVER = "handed_over", "Work handed over"
    DRAWN_SIGNATURE_SAVED = "drawn_signature_saved", "Drawn signature kept on the account"
    DRAWN_SIGNATURE_REMOVED = "drawn_signature_removed", "Drawn signature taken off the account"

    # Appeals, malpractice and sanctions
    CASE_OPENED = "case_opened", "Case opened"
    CASE_STEP = "case_step", "Step in a case"
    CASE_CLOSED = "case_closed", "Case closed"

    HELD_ELSEWHERE_CONFIRMED = "held_elsewhere_confirmed", "Criteria confirmed as held elsewhere"
    HELD_ELSEWHERE_ENDED = "held_elsewhere_ended", "Criteria no longer held elsewhere"

    RWE_RECORDED = "rwe_recorded", "Realistic working environment recorded"
    RWE_ENDED = "rwe_ended", "Realistic working environment ended"

    # Registrations
    CANDIDATE_REGISTERED = "candidate_registered", "Candidate registered"
    REGISTRATION_CHANGED = "registration_changed", "Registration changed"
    REGISTRATION_STATUS_CHANGED = "registration_status_changed", "Status of registration changed"
    REGISTRATION_REASSIGNED = "registration_reassigned", "Registration reassigned"
    UNIT_ADDED = "unit_added", "Unit added"
    UNIT_REMOVED = "unit_removed", "Unit removed"
    UNIT_REASSIGNED = "unit_reassigned", "Unit reassigned"
    UNIT_STAYED = "unit_stayed", "Unit stayed with who had signed it"

    # Evidence and witnesses
    EVIDENCE_ADDED = "evidence_added", "Evidence added"
    EVIDENCE_CHANGED = "evidence_changed", "Evidence changed"
    EVIDENCE_OFFERED = "evidence_offered", "Evidence offered for assessment"
    EVIDENCE_REPLACED = "evidence_replaced", "Evidence replaced by a new version"
    EVIDENCE_WITHDRAWN = "evidence_withdrawn", "Evidence withdrawn"
    WITNESS_ADDED = "witness_added", "Witness added"
    WITNESS_CHANGED = "witness_changed", "Witness changed"
    WITNESS_AUTHENTICATED = "witness_authenticated", "Witness authenticated"
    FRONT_MATTER_CHANGED = "front_matter_changed", "Front matter of the portfolio changed"
    METHOD_RECORD_SIGNED = "method_record_signed", "Record of an assessment method signed"
    DISCUSSION_AGREED = "discussion_agreed", "Areas of a professional discussion agreed"
    DISCUSSION_CALLED_OFF = "discussion_called_off", "Professional discussion called off"
    SEEN_AT_WORK = "seen_at_work", "Evidence seen at work"
    QUESTION_ADDED = "question_added", "Question added to a bank"
    QUESTION_REMOVED = "question_removed", "Question removed from a bank"
    TESTIMONY_ASKED = "testimony_asked", "Witness asked to testify"
    TESTIMONY_WITHDRAWN = "testimony_withdrawn", "Request to the witness withdrawn"
    TESTIMONY_GIVEN = "testimony_given", "Testimony given by the witness"
    TESTIMONY_SUSPENDED = "testimony_suspended", "Testimony suspended: the witness says it is not theirs"

    # Claims and judgements
    INSTANCE_NAMED = "instance_named", "Instance named"
    INSTANCE_RENAMED = "instance_renamed", "Instance renamed"
    INSTANCE_REMOVED = "instance_removed", "Instance removed"
    CLAIM_MADE = "claim_made", "Claim made"
    CLAIM_CHANGED = "claim_changed", "Claim changed"
    CLAIM_WITHDRAWN = "claim_withdrawn", "Claim withdrawn"
    CLAIM_ACCEPTED = "claim_accepted", "Claim accepted"
    CLAIM_RETURNED = "claim_returned", "Claim returned"
    ITEM_CONFIRMED = "item_confirmed", "Item confirmed as valid, authentic and current"
    UNIT_CONFIRMED = "unit_confirmed", "Unit confirmed"
    CRITERION_WAIVED = "criterion_waived", "Criterion waived"
    WAIVER_WITHDRAWN = "waiver_withdrawn", "Waiver taken back"
    CONFIRMATION_LAPSED = "confirmation_lapsed", "Confirmation lapsed"

    # Sign-off
    SAMPLING_MARKED = "sampling_marked", "Record marked for sampling"
    SAMPLING_MARK_WITHDRAWN = "sampling_mark_withdrawn", "Sampling mark withdrawn"
    RECORD_SIGNED = "record_signed", "Unit record signed"
    RECORD_COUNTERSIGNED = "record_countersigned", "Unit record countersigned"
    RECORD_UNLOCKED = "record_unlocked", "Unit record unlocked"
    RECORD_PRINTED = "record_printed", "Unit record printed"
    PRINT_MADE = "print_made", "File of a print made"
    VERIFICATION_RUN = "verification_run", "Signatures, files and ledger verified"

    # The ledger itself
    HEADS_SEALED = "heads_sealed", "Chain heads sealed"
    NOTE_DISPOSED = "note_disposed", "Note disposed of"
    KEY_ROTATED = "key_rotated", "The installation’s key replaced"
