using DataSsl.Jobs.Shared;

namespace DataSsl.Cli.Tests.Verbs;

/// <summary>A folder of results has one writer at a time.</summary>
[Collection(nameof(ConsoleCollection))]
public sealed class RunFolderTests(TrainedRun run)
{
    private const string Busy = ": another datassl is writing there at this moment; wait until it has ended, or give another --out";

    public static TheoryData<string> Writers =>
        [
            "train", "train --resume", "plan", "search", "emit --arch", "emit --search", "emit into another", "study", "verdict", "report",
            "demo",
        ];

    [Theory]
    [MemberData(nameof(Writers))]
    public void A_verb_does_not_write_where_another_does(string writer)
    {
        var folder = run.NewFolder();
        Directory.CreateDirectory(folder);
        File.Copy(run.Result, Path.Combine(folder, "search.json"));
        if (writer == "train --resume") File.Copy(Resumable(), Path.Combine(folder, "train.json"));
        // Nobody is told to resume a run that is going on.
        if (writer is "train" or "plan") File.Copy(run.Checkpoint, Path.Combine(folder, "checkpoint.safetensors"));
        var (train, test) = run.LabelledSets();
        string[] arguments = writer switch
        {
            "train" => ["train", "--space", "Small32", "--data", run.Data, "--batch", "8", "--out", folder],
            "train --resume" => ["train", "--resume", "--out", folder],
            "plan" => ["plan", "--space", "Small32", "--data", run.Data, "--batch", "8", "--probe", "0", "--out", folder],
            "search" =>
                [
                    "search", "--checkpoint", run.Run, "--data", run.Data, "--budgets", "2-3M", "--images", "8", "--size", "32",
                    "--candidates", "3", "--out", folder,
                ],
            "emit --arch" => ["emit", "--checkpoint", run.Run, "--arch", "Min", "--images", "4", "--size", "32", "--out", folder],
            "emit --search" => ["emit", "--search", folder, "--out", run.NewFolder()],
            "emit into another" => ["emit", "--search", run.Result, "--out", folder],
            "study" =>
                [
                    "study", "--checkpoint", run.Run, "--data", run.Data, "--train", train, "--test", test, "--subnets", "3", "--images",
                    "8", "--size", "32", "--out", folder,
                ],
            "verdict" =>
                [
                    "verdict", "--winner", run.Run, "--arch", "Min", "--weights", run.Run, "--data", train, "--test", test, "--size", "32",
                    "--out", folder,
                ],
            "report" => ["report", "--search", folder],
            _ => ["demo", "--images", "120", "--epochs", "1", "--out", folder],
        };
        var before = Directory.GetFileSystemEntries(folder);
        using (RunFolder.Hold(folder)) Assert.Equal(folder + Busy, Command.Refuse(arguments));
        Assert.Equal(before, Directory.GetFileSystemEntries(folder));
    }

    [Fact]
    public void A_folder_is_free_again_when_its_command_has_ended_well_or_not()
    {
        var folder = run.NewFolder();
        Command.Succeed(
            "emit", "--checkpoint", run.Run, "--arch", "Min", "--images", "4", "--size", "32", "--forms", "class", "--out", folder);
        Assert.Equal(
            2,
            Command.Run(
                "emit", "--checkpoint", run.Run, "--arch", "Min", "--images", "4", "--size", "32", "--data", run.NewFolder(), "--out",
                folder).ExitCode);
        using var held = RunFolder.Hold(folder);
        Assert.Throws<Runtime.UserException>(() => RunFolder.Hold(folder));
    }

    [SkippableFact]
    public void A_folder_by_another_name_is_the_same_folder()
    {
        Skip.If(OperatingSystem.IsWindows(), "links need a right there");
        var (folder, link) = (run.NewFolder(), run.NewFolder());
        Directory.CreateDirectory(folder);
        Directory.CreateSymbolicLink(link, folder);
        using var held = RunFolder.Hold(folder);
        Assert.Throws<Runtime.UserException>(() => RunFolder.Hold(link));
    }

    private string Resumable()
    {
        var whole = run.File("resumable");
        if (!Directory.Exists(whole))
            Command.Succeed(
                "train", "--space", "Small32", "--data", run.Data, "--batch", "8", "--epochs", "1", "--hidden", "16", "--out", whole);
        return Path.Combine(whole, "train.json");
    }
}
