using System.Collections.Concurrent;
using System.Diagnostics;

namespace DataSsl.Tests;

/// <summary>Debian's Python, whose PyTorch, torchvision and ONNX are peers.</summary>
internal static class Python
{
    private const string Interpreter = "/usr/bin/python3";

    private static readonly ConcurrentDictionary<string, bool> Has = [];

    /// <summary>Runs a program with arguments and returns what it prints; skips the test where one of its packages is missing.</summary>
    /// <param name="packages">Names of the modules that it imports beside Python's own, as Debian names their packages:
    /// python3-NAME.</param>
    /// <param name="program">A file, or the text of one.</param>
    public static string Run(string[] packages, string program, params string[] arguments)
    {
        foreach (var package in packages) Needed.If(Has.GetOrAdd(package, Imports), $"python3-{package} is not installed");
        var (exitCode, output, error) = Start(File.Exists(program) ? [program, .. arguments] : ["-c", program, .. arguments]);
        Assert.True(exitCode == 0, error);
        return output;
    }

    private static bool Imports(string package) => File.Exists(Interpreter) && Start(["-c", $"import {package}"]).ExitCode == 0;

    private static (int ExitCode, string Output, string Error) Start(string[] arguments)
    {
        var start = new ProcessStartInfo(Interpreter, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        // As the tests themselves, which share the machine.
        start.Environment["OMP_NUM_THREADS"] = "1";
        // Nothing is left beside the scripts.
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }
}
