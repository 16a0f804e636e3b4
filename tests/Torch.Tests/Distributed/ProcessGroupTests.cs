using System.Diagnostics;
using DataSsl.Tests;
using DataSsl.Torch.Distributed;

namespace DataSsl.Torch.Tests.Distributed;

/// <summary>Three real processes under mpirun.</summary>
public sealed class ProcessGroupTests
{
    [SkippableTheory]
    [InlineData("operate", 0)] // every operation gives all the same bits, and the right ones
    [InlineData("stop", 143)] // one that asks to stop ends the others' waiting
    [InlineData("stop-waiting", 143)] // one that is told to stop while it waits leaves nobody in an operation
    public void Processes_do_together(string what, int expected)
    {
        const string mpirun = "/usr/bin/mpirun";
        Needed.If(File.Exists(mpirun), "Open MPI is not installed");
        string[] asRoot = Environment.IsPrivilegedProcess ? ["--allow-run-as-root"] : [];
        string[] arguments =
        [
            "-n", "3", "--timeout", "120", "--oversubscribe", "--bind-to", "none",.. asRoot, "dotnet",
            typeof(MemberProgram).Assembly.Location, what,
        ];
        var start = new ProcessStartInfo(mpirun, arguments) { RedirectStandardError = true };
        start.Environment["OMP_NUM_THREADS"] = "1";
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == expected, $"{process.ExitCode}: {error}");
    }

    [Fact]
    public void A_plain_start_is_no_group_and_loads_no_mpi()
    {
        Assert.Null(ProcessGroup.Join(TimeSpan.Zero, TimeSpan.Zero, _ => { }));
        Assert.DoesNotContain(
            "libmpi", File.Exists("/proc/self/maps") ? File.ReadAllText("/proc/self/maps") : "", StringComparison.Ordinal);
    }
}
