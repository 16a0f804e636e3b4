using DataSsl.Cli;
using DataSsl.Spaces;

return DataSslCli.Run(args, CompiledSpaces.All);
