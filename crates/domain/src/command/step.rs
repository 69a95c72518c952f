//! The state machine of one command.

use catalog::CommandKind;

use crate::model::CommandState;

/// Something that happens to a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommandEvent {
    /// A second administrator approved it.
    Approve,
    /// The device is told, for the first time or again.
    Deliver,
    /// The device cannot do it now and will ask again.
    NotNow,
    /// The device did it, or the server has done it by itself.
    Acknowledge,
    /// The device tried and failed; what it said.
    Fail(String),
    /// Nobody came in time.
    Expire,
    /// Somebody takes it back.
    Cancel,
}

/// What a command becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// The new state.
    pub state: CommandState,
    /// Whether it differs: if not, nothing needs to be stored.
    pub changed: bool,
    /// Why it is in this state, one sentence.
    pub reason: String,
    /// What happens next, one sentence; empty in a final state.
    pub next: String,
}

/// Why an event is not possible now, in words for the administrator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused(pub &'static str);

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Refused {}

/// The first state of a command: waiting for approval, or queued.
pub fn begin(kind: CommandKind, needs_approval: bool) -> Transition {
    let state = if needs_approval { CommandState::AwaitingApproval } else { CommandState::Queued };
    transition(kind, state, true, "It was ordered.".into())
}

/// What an event makes of a command.
///
/// # Errors
/// Says why the event is not possible in this state. A final state is never left.
pub fn step(kind: CommandKind, state: CommandState, event: &CommandEvent) -> Result<Transition, Refused> {
    use CommandEvent as E;
    use CommandState as S;
    let to = |state, reason: &str| Ok(transition(kind, state, true, reason.to_owned()));
    let stay = || Ok(transition(kind, state, false, String::new()));
    match (state, event) {
        // Twice the same: the first time counts.
        (S::Acknowledged, E::Acknowledge | E::Deliver)
        | (S::Cancelled, E::Cancel)
        | (S::Expired, E::Expire)
        | (S::Queued, E::Approve | E::NotNow)
        | (S::Sent, E::Deliver | E::Approve)
        | (S::Failed, E::Approve) => stay(),
        (S::Acknowledged, _) => Err(Refused("The device has done it already.")),
        (S::Cancelled, _) => Err(Refused("The command was taken back.")),
        (S::Expired, _) => Err(Refused("The command has expired.")),

        (S::AwaitingApproval, E::Approve) => to(S::Queued, "A second administrator approved it."),
        (S::AwaitingApproval | S::Queued, E::Cancel) => {
            to(S::Cancelled, "It was taken back before the device was told.")
        }
        (S::AwaitingApproval, E::Expire) => to(S::Expired, "Nobody approved it in time."),
        (S::AwaitingApproval, _) => Err(Refused("A second administrator must approve it first.")),

        (S::Queued | S::Failed, E::Deliver) => to(S::Sent, "The device was told."),
        (S::Queued, E::Expire) => to(S::Expired, "The device did not come in time."),
        // The note that it was sent may be lost with a node; the device's word counts.
        (S::Queued | S::Sent | S::Failed, E::Acknowledge) => to(S::Acknowledged, done(kind)),
        (S::Queued | S::Sent, E::Fail(said)) => {
            Ok(transition(kind, S::Failed, true, format!("The device reported a failure: {said}")))
        }
        (S::Sent, E::NotNow) => to(S::Queued, "The device cannot do it now."),
        (S::Sent | S::Failed, E::Cancel) => {
            Err(Refused("The device has been told already; it cannot be taken back."))
        }
        // A device that was told may do it at any time: an end by the clock would be a guess.
        (S::Sent, E::Expire) => Err(Refused("The device has been told already and may still do it.")),
        (S::Failed, E::Expire) => to(S::Expired, "The device failed and did not come again in time."),
        (S::Failed, E::Fail(said)) => {
            Ok(transition(kind, S::Failed, false, format!("The device reported a failure: {said}")))
        }
        (S::Failed, E::NotNow) => stay(),
    }
}

fn done(kind: CommandKind) -> &'static str {
    if kind.entry().needs_device { "The device confirmed it." } else { "It is done." }
}

fn transition(kind: CommandKind, state: CommandState, changed: bool, reason: String) -> Transition {
    let next = match state {
        CommandState::AwaitingApproval => "A second administrator approves or refuses it.",
        CommandState::Queued if kind.entry().needs_device => "The device is told at its next contact.",
        CommandState::Queued => "It is carried out at once.",
        CommandState::Sent => "The device confirms it, or is told again at its next contact.",
        CommandState::Failed if kind.is_destructive() => "The device is told again at its next contact.",
        CommandState::Failed => "It can be ordered again.",
        CommandState::Acknowledged | CommandState::Expired | CommandState::Cancelled => "",
    };
    Transition { state, changed, reason, next: next.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const STATES: [CommandState; 7] = [
        CommandState::AwaitingApproval,
        CommandState::Queued,
        CommandState::Sent,
        CommandState::Acknowledged,
        CommandState::Failed,
        CommandState::Expired,
        CommandState::Cancelled,
    ];

    fn events() -> [CommandEvent; 7] {
        [
            CommandEvent::Approve,
            CommandEvent::Deliver,
            CommandEvent::NotNow,
            CommandEvent::Acknowledge,
            CommandEvent::Fail("status 2".into()),
            CommandEvent::Expire,
            CommandEvent::Cancel,
        ]
    }

    fn run(events: &[CommandEvent]) -> Result<CommandState, Refused> {
        events.iter().try_fold(begin(CommandKind::FullWipe, false).state, |state, event| {
            step(CommandKind::FullWipe, state, event).map(|t| t.state)
        })
    }

    #[test]
    fn the_usual_way_of_a_wipe() {
        use CommandEvent as E;
        assert_eq!(run(&[E::Deliver, E::Acknowledge]), Ok(CommandState::Acknowledged));
        assert_eq!(
            run(&[E::Deliver, E::Deliver, E::Acknowledge, E::Acknowledge]),
            Ok(CommandState::Acknowledged)
        );
        let failed = [E::Deliver, E::Fail("status 2".into()), E::Deliver, E::Acknowledge];
        assert_eq!(run(&failed), Ok(CommandState::Acknowledged), "a failed wipe is told again");
        assert_eq!(run(&[E::Deliver, E::NotNow, E::Cancel]), Ok(CommandState::Cancelled));
    }

    #[test]
    fn a_command_can_be_taken_back_only_until_the_device_is_told() {
        use CommandEvent as E;
        assert_eq!(run(&[E::Cancel]), Ok(CommandState::Cancelled));
        let late = run(&[E::Deliver, E::Cancel]).expect_err("told already");
        assert_eq!(late.to_string(), "The device has been told already; it cannot be taken back.");
        assert!(run(&[E::Deliver, E::Fail(String::new()), E::Cancel]).is_err());
    }

    #[test]
    fn an_unapproved_command_does_nothing() {
        let wipe = CommandKind::FullWipe;
        let waiting = begin(wipe, true).state;
        for event in [CommandEvent::Deliver, CommandEvent::Acknowledge, CommandEvent::NotNow] {
            assert!(step(wipe, waiting, &event).is_err(), "{event:?}");
        }
        assert_eq!(step(wipe, waiting, &CommandEvent::Approve).map(|t| t.state), Ok(CommandState::Queued));
    }

    #[test]
    fn every_change_has_a_reason_and_a_next_event_unless_it_is_final() {
        for kind in [CommandKind::FullWipe, CommandKind::Block] {
            for state in STATES {
                for event in events() {
                    let Ok(t) = step(kind, state, &event) else { continue };
                    assert!(
                        !t.changed || t.reason.ends_with('.') || t.reason.contains(':'),
                        "{state:?} {event:?}"
                    );
                    assert_eq!(t.next.is_empty(), t.state.is_final(), "{state:?} {event:?}");
                    assert_eq!(t.changed, t.state != state, "{state:?} {event:?}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn a_final_state_is_never_left(first in 0..7_usize, chosen in prop::collection::vec(0..7_usize, 0..20)) {
            let mut state = STATES[first];
            for i in chosen {
                let before = state;
                if let Ok(t) = step(CommandKind::AccountWipe, state, &events()[i]) {
                    state = t.state;
                }
                prop_assert!(!before.is_final() || state == before);
            }
        }

        #[test]
        fn the_same_event_twice_changes_nothing_the_second_time(first in 0..7_usize, i in 0..7_usize) {
            let event = &events()[i];
            if let Ok(once) = step(CommandKind::FullWipe, STATES[first], event) {
                let twice = step(CommandKind::FullWipe, once.state, event);
                prop_assert!(twice.is_ok_and(|t| !t.changed && t.state == once.state));
            }
        }
    }
}
