namespace DataSsl.Tool;

/// <summary>The command as a package's own program: a tool is one that is compiled for it.</summary>
internal static class Program
{
    private static int Main(string[] args) => Cli.Program.Main(args);
}
