<?php require __DIR__.'/boot.php';
class Conn { function listApis(){ return ['mail']; } }
class LogF implements Horde_ActiveSync_Interface_LoggerFactory { function create($p=[]){ return new Horde_ActiveSync_Log_Logger(new Horde_Log_Handler_Null()); } }
class Drv extends Horde_ActiveSync_Driver_Mock {
  function authenticate($u,$p,$d=null){ $this->_authUser=$u; $this->_authPass=$p; return $p==='pw'.substr($u,1) && !is_file(__DIR__.'/closed-'.basename($u)); }      // u1/pw1 …
  function getUsernameFromEmail($e){ return strtok($e,'@'); }
  function getProvisioning($dev=null){ return Horde_ActiveSync::PROVISIONING_FORCE; }                                    // or _LOOSE / _NONE
  function getCurrentPolicy(){ $f=__DIR__.'/policy.json'; return is_file($f)?json_decode(file_get_contents($f),true):['PIN'=>true]; }
  function getSettings(array $s,$d){ return []; }
  function setSettings(array $s,$d){ $r=[]; foreach($s as $k=>$v) $r[$k]=1; return $r; }
  function getServerChanges($f,$a,$b,$c,$p,$x=false,$y=false,$z=false){ return []; }
  function getFolders(){ $o=[]; foreach([['inbox','Inbox',2],['drafts','Drafts',3],['trash','Trash',4],['sent','Sent',5]] as [$id,$n,$t]){
     $f=Horde_ActiveSync::messageFactory('Folder'); $f->_serverid=$n; $f->serverid='F'.$id; $f->parentid='0'; $f->displayname=$n; $f->type=$t; $o[]=$f; } return $o; }
  function getFolder($id){ foreach($this->getFolders() as $f) if($f->serverid==$id||$f->_serverid==$id) return $f; return false; }
  function statFolder($id,$parent=0,$mod=null,$sid=null){ return ['id'=>$id,'mod'=>$mod,'parent'=>$parent,'serverid'=>$sid]; }
  function getFolderList(){ $o=[]; foreach($this->getFolders() as $f) $o[]=$this->statFolder($f->serverid,$f->parentid,$f->displayname,$f->_serverid); return $o; }
  function getSyncStamp($c,$l=null){ return time(); }
}
try {
  $state=new Horde_ActiveSync_State_Sql(['db'=>db()]); $drv=new Drv(['connector'=>new Conn,'imap'=>null,'state'=>$state]);
  $body=file_get_contents('php://input'); $in=fopen('php://memory','w+b'); fwrite($in,$body); rewind($in); $out=fopen('php://memory','w+b');
  $as=new Horde_ActiveSync($drv,new Horde_ActiveSync_Wbxml_Decoder($in),new Horde_ActiveSync_Wbxml_Encoder($out),$state,new Horde_Controller_Request_Http());
  $as->setLogger(new LogF); $get=$as->getGetVars();
  // Horde itself calls a device wiped when it has *sent* the directive; this notes Provision{RemoteWipe{Status}}.
  if (strpos($body,"\x45\x4C\x4B")!==false) touch(__DIR__.'/acknowledged-'.strtoupper(basename($get['DeviceId']??'')));
  ob_start(); $r=$as->handleRequest($_SERVER['REQUEST_METHOD']==='OPTIONS'?'Options':($get['Cmd']??''),$get['DeviceId']??null);
  rewind($out); $b=stream_get_contents($out); $x=ob_get_clean(); if($b==='') $b=$x;
  if (is_string($r)&&$r!=='') header('Content-Type: '.$r); header('Content-Length: '.strlen($b)); echo $b;
} catch (Horde_Exception_AuthenticationFailure $e) { http_response_code($e->getCode()?403:401); if(!$e->getCode()) header('WWW-Authenticate: Basic realm="horde-eas"'); }
catch (Horde_ActiveSync_Exception_InvalidRequest $e) { http_response_code(400); error_log($e); }
catch (Throwable $e) { http_response_code(500); error_log($e); }
