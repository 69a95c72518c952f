//! Finding one phone or one person.

use axum::Json;
use catalog::Permission;
use domain::model::{Device, Group, User};
use door::Access;
use engine::devices::{self, Hit, Posture};
use http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::endpoint::{Family, endpoint};
use super::input::{Call, Params};
use super::problem::Problem;
use super::words::{Ref, Word};

pub(super) fn family() -> Family {
    Family {
        name: "Search",
        about: "Devices and users by name, address, model, serial number, IMEI, MAC or id; groups by name.",
        endpoints: vec![
            endpoint(Method::GET, "/api/v1/search", Access::Needs(Permission::DevicesView), find, "Search")
                .says("The best first.")
                .query::<SearchQuery>()
                .gives::<Found>(),
        ],
    }
}

/// What to look for.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SearchQuery {
    /// The text; empty finds nothing.
    q: String,
    /// At most so many of each kind, 1 to 100; 10 unless told.
    limit: Option<usize>,
}

/// What was found.
#[derive(Serialize, JsonSchema)]
struct Found {
    /// Users.
    users: Vec<UserHit>,
    /// Groups.
    groups: Vec<GroupHit>,
    /// Devices.
    devices: Vec<DeviceHit>,
}

/// A user that was found.
#[derive(Serialize, JsonSchema)]
struct UserHit {
    /// The user.
    id: Ref<User>,
    /// Name.
    name: String,
    /// Address.
    email: String,
    /// How many devices.
    devices: usize,
}

/// A group that was found.
#[derive(Serialize, JsonSchema)]
struct GroupHit {
    /// The group.
    id: Ref<Group>,
    /// Name.
    name: String,
    /// How many members.
    members: usize,
}

/// A device that was found.
#[derive(Serialize, JsonSchema)]
struct DeviceHit {
    /// The device.
    id: Ref<Device>,
    /// Name.
    name: String,
    /// Owner's name.
    user_name: String,
    /// Its condition.
    posture: Word<Posture>,
}

async fn find(call: Call, Params(query): Params<SearchQuery>) -> Result<Json<Found>, Problem> {
    let limit = query.limit.unwrap_or(10).clamp(1, 100);
    let mut found = Found { users: Vec::new(), groups: Vec::new(), devices: Vec::new() };
    for hit in devices::search(&call.engine, &call.scope, &query.q, limit)? {
        match hit {
            Hit::User(id, name, email, devices) => {
                found.users.push(UserHit { id: id.into(), name, email, devices });
            }
            Hit::Group(id, name, members) => found.groups.push(GroupHit { id: id.into(), name, members }),
            Hit::Device(id, name, user_name, posture) => {
                found.devices.push(DeviceHit { id: id.into(), name, user_name, posture: Word(posture) });
            }
        }
    }
    Ok(Json(found))
}
