//! Exports of what the grids of devices and users show.

use catalog::Permission;
use door::Access;
use engine::export::Format;
use engine::{devices, users};
use http::Method;
use schemars::JsonSchema;
use serde::Deserialize;

use super::list::DeviceQuery;
use crate::v1::answer::File;
use crate::v1::endpoint::{Family, endpoint};
use crate::v1::input::{Call, Params};
use crate::v1::problem::Problem;

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const CSV_SAYS: &str = "UTF-8 with a byte order mark; what a spreadsheet would run as a formula is disarmed.";
const XLSX_SAYS: &str = "A workbook with one sheet, whose cells are all texts.";
const JSON_SAYS: &str = "An array of objects with the columns as texts.";

/// Which users.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct UserQuery {
    /// A text in sign-in name, address or name.
    q: String,
}

pub(in crate::v1) fn family() -> Family {
    let access = Access::Needs(Permission::DevicesExport);
    Family {
        name: "Exports",
        about: "All matching devices or users in one file, with the query parameters of the list; journaled. The \
                columns of users are those of the import.",
        endpoints: vec![
            endpoint(
                Method::GET,
                "/api/v1/exports/devices.csv",
                access,
                devices_csv,
                "Export devices as CSV",
            )
            .query::<DeviceQuery>()
            .says(CSV_SAYS)
            .file(&["text/csv"]),
            endpoint(
                Method::GET,
                "/api/v1/exports/devices.xlsx",
                access,
                devices_xlsx,
                "Export devices as a workbook",
            )
            .query::<DeviceQuery>()
            .says(XLSX_SAYS)
            .file(&[XLSX]),
            endpoint(
                Method::GET,
                "/api/v1/exports/devices.json",
                access,
                devices_json,
                "Export devices as JSON",
            )
            .query::<DeviceQuery>()
            .says(JSON_SAYS)
            .file(&["application/json"]),
            endpoint(Method::GET, "/api/v1/exports/users.csv", access, users_csv, "Export users as CSV")
                .query::<UserQuery>()
                .says(CSV_SAYS)
                .file(&["text/csv"]),
            endpoint(
                Method::GET,
                "/api/v1/exports/users.xlsx",
                access,
                users_xlsx,
                "Export users as a workbook",
            )
            .query::<UserQuery>()
            .says(XLSX_SAYS)
            .file(&[XLSX]),
            endpoint(Method::GET, "/api/v1/exports/users.json", access, users_json, "Export users as JSON")
                .query::<UserQuery>()
                .says(JSON_SAYS)
                .file(&["application/json"]),
        ],
    }
}

async fn of_devices(
    call: Call,
    query: DeviceQuery,
    format: Format,
    name: &'static str,
) -> Result<File, Problem> {
    let bytes = devices::export(&call.engine, &call.scope, query.grid()?, query.columns(), format).await?;
    Ok(File { media: format.media(), name, bytes })
}

async fn of_users(call: Call, query: UserQuery, format: Format, name: &'static str) -> Result<File, Problem> {
    let asked = users::UserQuery { text: query.q, ..users::UserQuery::default() };
    let bytes = users::export(&call.engine, &call.scope, &asked, format).await?;
    Ok(File { media: format.media(), name, bytes })
}

macro_rules! exports {
    ($($handler:ident $of:ident $query:ty, $format:ident, $name:literal;)*) => {
        $(async fn $handler(call: Call, Params(query): Params<$query>) -> Result<File, Problem> {
            $of(call, query, Format::$format, $name).await
        })*
    };
}

exports! {
    devices_csv of_devices DeviceQuery, Csv, "devices.csv";
    devices_xlsx of_devices DeviceQuery, Xlsx, "devices.xlsx";
    devices_json of_devices DeviceQuery, Json, "devices.json";
    users_csv of_users UserQuery, Csv, "users.csv";
    users_xlsx of_users UserQuery, Xlsx, "users.xlsx";
    users_json of_users UserQuery, Json, "users.json";
}
