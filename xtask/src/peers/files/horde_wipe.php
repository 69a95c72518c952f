<?php require 'boot.php'; $s=new Horde_ActiveSync_State_Sql(['db'=>db()]); $s->setLogger(new Horde_ActiveSync_Log_Logger(new Horde_Log_Handler_Null()));
$s->setDeviceRWStatus(strtoupper($argv[1]),Horde_ActiveSync::RWSTATUS_PENDING);
