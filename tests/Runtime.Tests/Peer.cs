using System.Diagnostics;

namespace DataSsl.Runtime.Tests;

/// <summary>Runs Pillow and torchvision, where they are installed, as the reference to compare with.</summary>
internal static class Peer
{
    private const string Python = "/usr/bin/python3";
    private static readonly Lazy<bool> installed = new(() => File.Exists(Python) && Start("import PIL, torchvision, numpy", ".").ExitCode == 0);

    /// <summary>Runs a script in a folder; skips the test where the peers are not installed.</summary>
    public static void Run(string script, string folder)
    {
        Skip.IfNot(installed.Value, "python3-torchvision (with Pillow and numpy) is not installed");
        var (exitCode, error) = Start(script, folder);
        Assert.True(exitCode == 0, error);
    }

    private static (int ExitCode, string Error) Start(string script, string folder)
    {
        var info = new ProcessStartInfo(Python, ["-c", script]) { WorkingDirectory = folder, RedirectStandardError = true };
        info.Environment["OMP_NUM_THREADS"] = "1";
        using var process = Process.Start(info)!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, error);
    }
}
