//! The reader threads. Each owns a connection that refuses to write; all take from one queue.

use crate::{
    StoreError, Tx,
    connection::{Purpose, Trouble},
    unit::{Guarded, Unit},
};

/// Runs one read in a snapshot of its own and answers its caller.
pub(crate) async fn serve(tx: &mut Tx, mut unit: Box<dyn Unit>) {
    let mut reconnected = false;
    loop {
        if let Err(error) = tx.connection.begin(Purpose::Read).await {
            unit.refuse(error);
            return unit.answer();
        }
        tx.enter(unit.principal());
        let in_flight = tx.connection.in_flight();
        let ended = Guarded { run: unit.run(tx), in_flight }.await;
        if let Some(error) = ended.error() {
            tracing::error!(%error, "a read misbehaved");
            unit.refuse(error);
        } else if tx.connection.trouble() == Some(Trouble::Lost) && !reconnected {
            // The server was restarted while this connection was idle; a read can simply be run again.
            reconnected = true;
            continue;
        }
        // Nothing was written, so the caller need not wait for the end of the transaction.
        unit.answer();
        return tx.connection.rollback().await;
    }
}

/// What a caller hears whose queue is closed.
pub(crate) fn closed() -> StoreError {
    StoreError::Unavailable("the store is closing".to_owned())
}
