using DataSsl.Cli;
using DataSsl.Cli.Training;
using DataSsl.Spaces;

Streams.ReplaceClosed();
return DataSslCli.Run(args, CompiledSpaces.All);
