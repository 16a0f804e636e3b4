using System.Runtime.InteropServices;

namespace DataSsl.EndToEnd;

/// <summary>
/// Somebody who has the .NET SDK, the packages and an empty home, and works in a folder that knows nothing of the checkout.
/// </summary>
internal sealed class Newcomer : IDisposable
{
    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory("datassl-newcomer-");
    private readonly PackedFeed feed = new();
    private readonly Dictionary<string, string> environment;

    public Newcomer()
    {
        var home = root.CreateSubdirectory("home").FullName;
        Folder = root.CreateSubdirectory("work").FullName;
        environment = new()
        {
            ["HOME"] = home,
            ["USERPROFILE"] = home,
            ["DOTNET_CLI_HOME"] = home,
            ["NUGET_PACKAGES"] = Path.Combine(home, ".nuget", "packages"),
            // Where an SDK is that lies in no usual place.
            ["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..")),
            ["DOTNET_NOLOGO"] = "1",
            ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
        };
    }

    public string Folder { get; }

    /// <summary>Where the SDK puts tools.</summary>
    public string Tools => Path.Combine(environment["HOME"], ".dotnet", "tools");

    /// <summary>The command of the README that installs the tool.</summary>
    public void InstallTool() => Dotnet(Folder, "tool", "install", "--global", "DataSsl.Tool", "--source", PackedFeed.Folder);

    /// <summary>Starts the installed tool.</summary>
    public EmitProgram.Result DataSsl(params string[] arguments) =>
        EmitProgram.Run(Path.Combine(Tools, "datassl"), Folder, environment, arguments);

    public string Dotnet(string folder, params string[] arguments) =>
        EmitProgram.Sdk(folder, environment, arguments).Succeeded().Output.ReplaceLineEndings("\n");

    public void Dispose()
    {
        root.Delete(recursive: true);
        feed.Dispose();
    }
}
