//! The recovery password of a device.

use axum::Json;
use domain::model::Device;
use door::Path;
use engine::devices;
use schemars::JsonSchema;
use serde::Serialize;

use crate::v1::input::Call;
use crate::v1::problem::Problem;
use crate::v1::words::Ref;

/// A recovery password that a device deposited.
#[derive(Serialize, JsonSchema)]
pub(super) struct RecoveryPassword {
    /// The password, in the clear.
    password: String,
    /// When the device deposited it.
    deposited_at: i64,
}

pub(super) async fn show(call: Call, Path(id): Path<Ref<Device>>) -> Result<Json<RecoveryPassword>, Problem> {
    let found = devices::recovery_password(&call.engine, &call.scope, id.0).await?;
    Ok(Json(RecoveryPassword { password: found.text.as_str().to_owned(), deposited_at: found.deposited_at }))
}
