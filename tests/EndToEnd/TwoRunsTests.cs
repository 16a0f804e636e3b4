using DataSsl.Runtime.Training;

namespace DataSsl.EndToEnd;

/// <summary>A run's folder has one process, for as long as that lives.</summary>
public sealed class TwoRunsTests
{
    [SkippableFact]
    public void A_second_run_in_a_folder_is_refused_while_the_first_lives_and_not_when_it_was_killed()
    {
        using var folder = new TrainFolder();
        string[] resume = ["train", "--resume", "--out", folder["run"], "--threads", "1"];
        using (var first = new TrainProcess(folder.Train("run", "--epochs", "100000", "--save-every", "0")))
        {
            first.WaitFor(() => File.Exists(Path.Combine(folder["run"], Trainer.OptionsFile)));
            Refused(folder.Train("run", "--epochs", "1", "--seed", "1"));
            first.WaitFor(() => File.Exists(Path.Combine(folder["run"], CheckpointFolder.NewestFile)));
            Refused(resume);
            first.Kill();
            first.Wait();
        }
        using var again = new TrainProcess([.. resume, "--report-every", "0"]);
        var log = Path.Combine(folder["run"], Runtime.Observing.MetricsLog.FileName);
        var before = File.ReadAllText(log);
        again.WaitFor(() => File.ReadAllText(log) != before);
        again.Signal("INT");
        var (exitCode, error) = again.Wait();
        Assert.True(exitCode == 130, error);
        Assert.Contains($"continue with: datassl train --resume --out {folder["run"]} --report-every 0 --threads 1\n", error);

        void Refused(string[] arguments)
        {
            using var second = new TrainProcess(arguments);
            var (code, said) = second.Wait();
            Assert.True(code == 2, said);
            Assert.Matches(
                @"\Adatassl: [^\n]+: (another datassl is writing there at this moment; wait until it has ended, or give another --out|holds a run already[^\n]*)\n\z",
                said.Replace($"{folder["run"]} holds", $"{folder["run"]}: holds", StringComparison.Ordinal));
        }
    }
}
