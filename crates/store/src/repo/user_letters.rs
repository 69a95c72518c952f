//! What became of the last welcome letter of each user. It is in no cache.

use super::text;
use crate::{Result, Row, StoreError, Tx, filter::Select};
use domain::{
    Millis,
    model::{LetterState, MailId, UserId, UserLetter},
};

/// Longest text kept of what a server said, bytes.
const OUTCOME: usize = 500;

/// Writes down what became of a user's letter, in place of the former one. Conflict:
/// [`constraint::FOREIGN_KEY`](super::constraint::FOREIGN_KEY) (user).
pub async fn put(tx: &mut Tx, letter: &UserLetter) -> Result<()> {
    let sql = "INSERT INTO user_letter (organization_id, user_id, mail_id, state, at, outcome) \
               VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (organization_id, user_id) \
               DO UPDATE SET mail_id = excluded.mail_id, state = excluded.state, at = excluded.at, \
               outcome = excluded.outcome";
    let params = [
        tx.organization().into(),
        letter.user.into(),
        letter.mail.into(),
        letter.state.key().into(),
        letter.at.into(),
        text::bounded(&letter.outcome, OUTCOME),
    ];
    tx.execute(sql, &params).await.map(drop)
}

/// The mail of a letter is over. Nothing happens if a newer letter took its place.
pub async fn settle(tx: &mut Tx, mail: MailId, state: LetterState, at: Millis, outcome: &str) -> Result<()> {
    let sql = "UPDATE user_letter SET state = $3, at = $4, outcome = $5 \
               WHERE organization_id = $1 AND mail_id = $2";
    let params = [
        tx.organization().into(),
        mail.into(),
        state.key().into(),
        at.into(),
        text::bounded(outcome, OUTCOME),
    ];
    tx.execute(sql, &params).await.map(drop)
}

/// The letters of these users, as far as there are any.
pub async fn of(tx: &mut Tx, users: &[UserId]) -> Result<Vec<UserLetter>> {
    let mut found = Vec::new();
    for users in users.chunks(200) {
        let mut select = Select::new(SOME, vec![tx.organization().into()]);
        select.one_of("user_id", users.iter().map(|id| (*id).into()).collect());
        let (sql, params) = select.build();
        for row in tx.fetch_dynamic(&sql, &params).await? {
            found.push(read(&row)?);
        }
    }
    Ok(found)
}

const SOME: &str = "SELECT user_id, mail_id, state, at, outcome FROM user_letter WHERE organization_id = ?";

/// Users whose letter stands there; with `None`, all who ever got one.
pub async fn users_in(tx: &mut Tx, state: Option<LetterState>) -> Result<Vec<UserId>> {
    let rows = if let Some(state) = state {
        let sql = "SELECT user_id FROM user_letter WHERE organization_id = $1 AND state = $2";
        tx.fetch(sql, &[tx.organization().into(), state.key().into()]).await?
    } else {
        let sql = "SELECT user_id FROM user_letter WHERE organization_id = $1";
        tx.fetch(sql, &[tx.organization().into()]).await?
    };
    rows.iter().map(|row| row.id(0)).collect()
}

fn read(row: &Row) -> Result<UserLetter> {
    let state = row.str(2)?;
    let state = LetterState::ALL.into_iter().find(|known| known.key() == state);
    Ok(UserLetter {
        user: row.id(0)?,
        mail: row.opt_id(1)?,
        state: state.ok_or_else(|| StoreError::Corrupt("a letter is in no state".into()))?,
        at: row.int(3)?,
        outcome: row.text(4)?,
    })
}
