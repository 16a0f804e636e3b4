using System.Diagnostics;

namespace DataSsl.Families.Tests;

/// <summary>The real ONNX Runtime and ONNX's own checker, where the machine has or gets them.</summary>
internal static class OnnxRuntime
{
    private const string Python = "/usr/bin/python3";

    private static readonly Lazy<(string? Folder, string Why)> Installed = new(() =>
    {
        if (!OnPath("node")) return (null, "node is not installed");
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "DataSsl.Gen.sln"))) root = Path.GetDirectoryName(root) ?? throw new InvalidOperationException("the tests run outside their checkout");
        var (exit, output, error) = Run(Path.Combine(root, "eng", "onnxruntime.sh"));
        return exit == 0 ? (output.Trim(), "") : (null, $"onnxruntime-node cannot be installed: {error.Trim()}");
    });

    private static readonly Lazy<bool> HasChecker = new(() => File.Exists(Python) && Run(Python, "-c", "import onnx").ExitCode == 0);

    /// <summary>Why models cannot be run; null where they can.</summary>
    public static string? Missing => Installed.Value.Folder is null ? Installed.Value.Why : null;

    /// <summary>Why models cannot be checked; null where they can.</summary>
    public static string? CheckerMissing => HasChecker.Value ? null : "python3-onnx is not installed";

    /// <summary>Runs the jobs of a file, as <c>onnx.mjs</c> says.</summary>
    public static void RunJobs(string jobs)
    {
        var (exit, _, error) = Run("node", Path.Combine(AppContext.BaseDirectory, "onnx.mjs"), Installed.Value.Folder!, jobs);
        Assert.True(exit == 0, error);
    }

    /// <summary>What ONNX's checker says against each model of a folder, by file name; nothing where all is well.</summary>
    public static IReadOnlyDictionary<string, string> Check(string folder)
    {
        var (exit, output, error) = Run(Python, "-c", """
            import glob, os, sys, onnx
            for path in glob.glob(sys.argv[1] + '/*.onnx'):
                try:
                    onnx.checker.check_model(onnx.load(path), full_check=True)
                except Exception as e:
                    print(os.path.basename(path) + '\t' + ' '.join(str(e).split()))
            """, folder);
        Assert.True(exit == 0, error);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t')).ToDictionary(line => line[0], line => line[1]);
    }

    private static bool OnPath(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));

    private static (int ExitCode, string Output, string Error) Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }
}
