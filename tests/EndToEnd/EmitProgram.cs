using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Xml.Linq;

namespace DataSsl.EndToEnd;

/// <summary>Runs programs as a user does: the built datassl, and the .NET SDK.</summary>
internal static class EmitProgram
{
    /// <summary>Exit code, output and error stream of one run.</summary>
    public sealed record Result(int ExitCode, string Output, string Error)
    {
        /// <summary>This run, which must have ended well.</summary>
        public Result Succeeded()
        {
            Assert.True(ExitCode == 0, $"exit code {ExitCode}\n{Output}\n{Error}");
            return this;
        }
    }

    public static Result DataSsl(params string[] arguments) =>
        Start(Dotnet, Path.GetTempPath(), [Path.Combine(AppContext.BaseDirectory, "datassl.dll"), .. arguments]);

    /// <summary>Any other program.</summary>
    public static Result Run(string program, params string[] arguments) => Start(program, Path.GetTempPath(), arguments);

    /// <summary>The same somewhere, with more in its environment.</summary>
    public static Result Run(
        string program, string folder, IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        Start(program, folder, arguments, environment);

    public static Result Sdk(string folder, params string[] arguments) => Start(Dotnet, folder, arguments);

    /// <summary>The same with more in its environment.</summary>
    public static Result Sdk(string folder, IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        Start(Dotnet, folder, arguments, environment);

    /// <summary>Of the checkout.</summary>
    public static string Root { get; } = RootOf();

    /// <summary>The version of a package that the checkout takes.</summary>
    public static string Version(string package) =>
        XDocument.Load(Path.Combine(Root, "Directory.Packages.props")).Descendants("PackageVersion")
            .Single(p => (string?)p.Attribute("Include") == package).Attribute("Version")!.Value;

    /// <summary>The version of everything that the checkout packs.</summary>
    public static string HouseVersion { get; } =
        XDocument.Load(Path.Combine(Root, "Directory.Build.props")).Descendants("Version").Single().Value;

    /// <summary>The files of a sample in a folder where it builds as in the checkout, which stays clean.</summary>
    public static void CopySample(string name, string folder)
    {
        var sample = Path.Combine(Root, "samples", name);
        foreach (var file in Directory.GetFiles(sample)) File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        foreach (var shared in new[] { "Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props" })
        {
            // What is built goes below the folder itself.
            var output = shared == "Directory.Build.props"
                ? $"<PropertyGroup><ArtifactsPath>{Path.Combine(folder, "artifacts")}</ArtifactsPath></PropertyGroup>"
                : "";
            File.WriteAllText(
                Path.Combine(folder, shared), $"<Project><Import Project=\"{Path.Combine(Root, shared)}\" />{output}</Project>");
        }
    }

    private static string RootOf([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));

    private static string Dotnet => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    private static Result Start(string program, string folder, string[] arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var info = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // The test host's own settings are not the program's.
        foreach (var name in info.Environment.Keys.Where(k => k.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
            info.Environment.Remove(name);
        // A build's worker would outlive it for a quarter of an hour, and hold the streams that are read to their end here.
        info.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) info.Environment[name] = value;
        using var process = Process.Start(info)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new(process.ExitCode, output, error.Result);
    }
}
