<?php $q=(new PDO('sqlite:'.__DIR__.'/state.db'))->prepare('select device_rwstatus from horde_activesync_device where device_id=?');
$q->execute([strtoupper($argv[1])]); echo $q->fetchColumn();
