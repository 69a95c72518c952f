// The pages of the console. One entry each:
//   name    of the screenshot, unique
//   path    to visit; or `from` and `follow`: the page to start at, and the selector of the link to take there
//   status  expected answer; an object gives it by role, with `default` for the others (200 when left out)
//   act     what to do before looking, given the page (playwright)
//   roles   visit as these only: "system" or the name of a role
export const SIGNED_OUT = [
  { name: "sign-in", path: "/dashboard/sign-in" },
  { name: "not-found", path: "/dashboard/no-such-page", status: 404 },
];

export const PAGES = [
  { name: "dashboard", path: "/dashboard" },
  { name: "devices", path: "/dashboard/devices" },
  { name: "devices-restricted", path: "/dashboard/devices?status=restricted" },
  { name: "device", from: "/dashboard/devices", follow: ".grid .open" },
  { name: "search", path: "/dashboard/search?q=a" },
  { name: "policy-suites", path: "/dashboard/policy-suites" },
  { name: "access-restrictions", path: "/dashboard/access-restrictions" },
  { name: "activesync-servers", path: "/dashboard/activesync-servers" },
  { name: "journal", path: "/dashboard/journal" },
  { name: "organization", path: "/dashboard/organization" },
  { name: "administrators", path: "/dashboard/administrators" },
  { name: "roles", path: "/dashboard/roles" },
  { name: "cisco-ise", path: "/dashboard/cisco-ise" },
  { name: "organizations", path: "/dashboard/organizations", status: { system: 200, default: 403 } },
  { name: "account", path: "/dashboard/account" },
];
