//! How phones misbehave now and then.

use std::time::Duration;

use crate::dice::Dice;

/// How often, in percent of a phone's cycles (a Ping that came back), each kind of trouble happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mischief {
    /// The phone is switched off for a while.
    pub silent: u8,
    /// How long it then stays off.
    pub silence: Duration,
    /// It applies the policy only partly from now on, and provisions again.
    pub partial: u8,
    /// It refuses the policy from now on, and provisions again.
    pub refusing: u8,
    /// It tries an old password a few times.
    pub wrong_password: u8,
    /// It comes back with an older operating system.
    pub old_system: u8,
    /// It changes networks: the connection is dropped without a word.
    pub roaming: u8,
    /// A misbehaving phone behaves again.
    pub repents: u8,
}

/// One trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    Silent,
    Partial,
    Refusing,
    WrongPassword,
    OldSystem,
    Roaming,
    Repents,
}

impl Mischief {
    /// Phones that always behave.
    pub fn none() -> Mischief {
        Mischief {
            silent: 0,
            silence: Duration::from_mins(10),
            partial: 0,
            refusing: 0,
            wrong_password: 0,
            old_system: 0,
            roaming: 0,
            repents: 0,
        }
    }

    /// Enough trouble that every page of a console has something to show within minutes.
    pub fn lively() -> Mischief {
        Mischief {
            silent: 3,
            silence: Duration::from_mins(10),
            partial: 2,
            refusing: 1,
            wrong_password: 2,
            old_system: 1,
            roaming: 10,
            repents: 20,
        }
    }

    pub(super) fn throw(&self, dice: &mut Dice) -> Option<Trouble> {
        [
            (self.silent, Trouble::Silent),
            (self.partial, Trouble::Partial),
            (self.refusing, Trouble::Refusing),
            (self.wrong_password, Trouble::WrongPassword),
            (self.old_system, Trouble::OldSystem),
            (self.roaming, Trouble::Roaming),
            (self.repents, Trouble::Repents),
        ]
        .into_iter()
        .find(|(percent, _)| dice.chance(*percent))
        .map(|(_, trouble)| trouble)
    }
}
