using System.Diagnostics;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime;

namespace DataSsl.Bench;

/// <summary>The programs that a checkout has in <c>benchmarks/Peers</c>: one in C# on the same libtorch, and scripts for PyTorch.</summary>
internal static class PeerPrograms
{
    private const string Name = "datassl-peers";

    private static readonly Lazy<bool> pyTorch = new(ImportsPyTorch);

    /// <summary>
    /// The Python that PyTorch belongs to: what <c>DATASSL_PYTHON</c> names, otherwise the one that Debian's packages are for.
    /// </summary>
    public static string Python { get; } = Environment.GetEnvironmentVariable("DATASSL_PYTHON") is { Length: > 0 } named
        ? named
        : "/usr/bin/python3";

    /// <summary>Whether that Python has PyTorch and torchvision; where it has not, a line says so once.</summary>
    public static bool HasPyTorch => pyTorch.Value;

    /// <summary>
    /// The program in C#: beside this one, as in the GPU kit, or where a build of the checkout puts it. A <see cref="UserException"/> where
    /// it was not built.
    /// </summary>
    public static string TorchSharp
    {
        get
        {
            var file = OperatingSystem.IsWindows() ? $"{Name}.exe" : Name;
            var here = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
            string[] places = [Path.Combine(here, file), Path.Combine(here, "..", "..", "Peers", Path.GetFileName(here), file)];
            return places.FirstOrDefault(File.Exists)
                ?? throw new UserException(
                    $"bench compares with {Name}, which is not built: dotnet build -c Release benchmarks/Peers in the checkout");
        }
    }

    /// <summary>The path of one of the scripts.</summary>
    public static string Script(string name) => Path.Combine(Benchmarks, "Peers", "PyTorch", name);

    /// <summary>The checkout's folder of benchmarks; a <see cref="UserException"/> outside one.</summary>
    public static string Benchmarks
    {
        get
        {
            for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
                if (Path.Combine(folder, "benchmarks") is var path && Directory.Exists(Path.Combine(path, "Peers", "PyTorch")))
                    return path;
            throw new UserException("bench compares with the programs in benchmarks/Peers: run it from a checkout");
        }
    }

    private static bool ImportsPyTorch()
    {
        if (File.Exists(Python))
        {
            // Python looks for modules in the folder that it is started in first: a folder 'av' of the user's would be taken for one that
            // torchvision needs.
            using var process = Process.Start(
                new ProcessStartInfo(Python, ["-c", "import torch, torchvision"])
                {
                    RedirectStandardError = true,
                    WorkingDirectory = AppContext.BaseDirectory,
                })!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode == 0) return true;
        }
        Notices.Tell(
            $"without PyTorch: {Python} has none; on Debian: apt-get install python3-torch python3-torchvision; elsewhere name a Python in DATASSL_PYTHON");
        return false;
    }
}
