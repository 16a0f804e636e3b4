using DataSsl.Cli.Launch;
using DataSsl.Spaces;

namespace DataSsl.Cli;

internal static class Program
{
    internal static int Main(string[] args)
    {
        Streams.ReplaceClosed();
        return DataSslCli.Run(args, CompiledSpaces.All);
    }
}
