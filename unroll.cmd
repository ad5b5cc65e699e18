@echo off
rem Runs the command line of this checkout: builds it on first use and whenever a source has changed since, then starts it.
setlocal EnableExtensions DisableDelayedExpansion
set "root=%~dp0."
set "home=%root%\artifacts\unroll"
set "project=Unroll.Cli"
set "name=Unroll.Cli"
rem The server is a program of its own.
if "%~1"=="serve" (
  set "home=%root%\artifacts\unroll\serve"
  set "project=Unroll.Serve"
  set "name=Unroll.Serve"
)
set "program=%root%\artifacts\bin\%project%\release\%name%.dll"

where dotnet >nul 2>&1
if errorlevel 1 (
  echo error: the .NET 10 SDK is needed and no 'dotnet' was found; install it from https://dotnet.microsoft.com/download/dotnet/10.0 1>&2
  exit /b 2
)

rem Up to date while a copy of the sources, taken before the last good build, is still the same: robocopy then answers 0, nothing to do.
if not exist "%program%" goto build
if not exist "%home%\built" goto build
robocopy "%root%\src" "%home%\src" /MIR /L /NJH /NJS /NDL /NFL >nul
if errorlevel 1 goto build
robocopy "%root%" "%home%\root" *.props global.json /L /NJH /NJS /NDL /NFL >nul
if errorlevel 1 goto build

:run
dotnet exec "%program%" %*
exit /b %errorlevel%

:build
pushd "%root%"
dotnet --version >nul 2>&1
if errorlevel 1 (
  echo error: the .NET 10 SDK is needed and 'dotnet' has none; install it from https://dotnet.microsoft.com/download/dotnet/10.0 1>&2
  exit /b 2
)
if not exist "%home%" mkdir "%home%"

rem One build at a time: the redirection keeps the lock file open; who cannot open it waits a second and tries again.
:lock
2>nul (
  9>"%home%\lock" (
    call :compile
    (call )
  )
) || (
  ping -n 2 127.0.0.1 >nul
  goto lock
)
popd
if exist "%home%\built" goto run
type "%home%\build.log" 1>&2
echo error: the build failed; its output is above and in %home%\build.log 1>&2
exit /b 1

:compile
del "%home%\built" >nul 2>&1
robocopy "%root%\src" "%home%\src" /MIR >nul
robocopy "%root%" "%home%\root" *.props global.json >nul
rem A compiler younger than ours may know new warnings; they must not keep anyone from using the program.
dotnet build src\%project% -c Release --disable-build-servers --nologo -v q -p:TreatWarningsAsErrors=false -p:RunAnalyzersDuringBuild=false >"%home%\build.log" 2>&1
if not errorlevel 1 echo built>"%home%\built"
exit /b 0
