#!/usr/bin/perl
# A NAC client as PacketFence writes them: LWP, XML::Simple, comparisons with literal words.
# Usage: client.pl BASE_URL ROOT_PEM USER PASSWORD MAC...   (all MACs are known; compliance is printed)
use strict;
use warnings;
use LWP::UserAgent;
use XML::Simple;

my ($base, $root, $user, $password, @macs) = @ARGV;
my $agent = LWP::UserAgent->new(
    timeout               => 20,
    requests_redirectable => [],
    ssl_opts              => { SSL_ca_file => $root, verify_hostname => 1 },
);
my $authority = $base;
$authority =~ s{^https://}{};
# Credentials are sent only after a challenge for this realm.
$agent->credentials($authority, 'NotifyMDM ISE', $user, $password);

sub get {
    my ($path) = @_;
    my $answer = $agent->get("$base$path", Accept => 'application/xml');
    die "$path: " . $answer->status_line . "\n" unless $answer->code == 200;
    my $xml = XMLin($answer->decoded_content, ForceArray => ['device'], KeyAttr => [], SuppressEmpty => '');
    return $xml;
}

my $info = get('/ciscoise/mdminfo/?ise_api_version=3');
die "mdminfo: no api_path\n" unless $info->{name} eq 'mdminfo' && $info->{api_path} =~ m{^/.*[^/]$};

foreach my $mac (@macs) {
    my $lower = lc join(':', $mac =~ /../g);
    # Version 1, as PacketFence asks it.
    my $found = get("/ciscoise/devices/0/macaddress/$lower/all")->{deviceList}{device};
    die "$mac: not one device\n" unless $found && @$found == 1;
    my $device = $found->[0];
    die "$mac: answered for $device->{macaddress}\n" unless $device->{macaddress} eq $mac;
    my $attributes = $device->{attributes};
    for my $word ($attributes->{register_status}, $attributes->{compliance}{status}) {
        die "$mac: not a literal word: '$word'\n" unless $word eq 'true' || $word eq 'false';
    }
    my $newer = get("$info->{api_path}/devices/?paging=0&querycriteria=macaddress&value=$mac&filter=all");
    my $guid = $newer->{deviceList}{device}[0]{attributes}{guid};
    die "$mac: no guid\n" unless $guid =~ /^[0-9a-f-]{36}$/;
    print "$mac $attributes->{register_status} $attributes->{compliance}{status} $guid\n";
}

my $nobody = get("$info->{api_path}/devices/?paging=0&querycriteria=macaddress&value=FFFFFFFFFFFE&filter=all");
die "somebody has the MAC of nobody\n" if ref $nobody->{deviceList};

my ($paging, $pages, $polled) = (0, 0, 0);
do {
    my $page = get("$info->{api_path}/devices/?paging=$paging&querycriteria=compliance&value=false&filter=all");
    my $devices = ref $page->{deviceList} ? $page->{deviceList}{device} : [];
    $polled += @$devices;
    for my $device (@$devices) {
        die "a compliant device in the poll\n" unless $device->{attributes}{compliance}{status} eq 'false';
    }
    $paging = $page->{paging_info};
} while ($paging && ++$pages < 1000);
print "polled $polled\n";
