using System.Text;
using System.Text.Json.Nodes;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Training;

namespace DataSsl.EndToEnd;

/// <summary>A survey that is killed goes on to what an uninterrupted one finds, and so does one that two processes share.</summary>
public sealed class SurveyKillTests : IDisposable
{
    private readonly TrainFolder folder = new();
    private readonly Lazy<string> whole;

    public SurveyKillTests()
    {
        File.WriteAllText(folder["networks.txt"], "Small32 Min\nSmall32 Middle\nSmall32 #3\n");
        File.WriteAllText(folder["scenarios.txt"], "all images\nsmaller images size=16 labels=50%\n");
        whole = new(() =>
        {
            TrainProcess.Succeed(Survey("whole"));
            return Result("whole");
        });
    }

    public void Dispose() => folder.Dispose();

    private string[] Survey(string name, params string[] more) =>
    [
        "survey", "--networks", folder["networks.txt"], "--scenarios", folder["scenarios.txt"], "--data", folder.Images, "--size", "16",
        "--batch", "4", "--epochs", "10", "--hidden", "16", "--threads", "1", "--methods", "linear,knn", "--save-every", "0", "--out",
        folder[name], .. more,
    ];

    /// <summary>Once in the midst of a training, once as the first figures are there.</summary>
    [SkippableFact]
    public void One_that_is_killed_goes_on_to_the_same()
    {
        using (var training = new TrainProcess(Survey("killed")))
        {
            training.WaitFor(() => Checkpoints("killed").Any(path => Checkpoint.Describe(path).Step >= 3));
            training.Kill();
            training.Wait();
        }
        Assert.NotEmpty(Checkpoints("killed"));
        using (var measuring = new TrainProcess(Survey("killed", "--resume")))
        {
            measuring.WaitFor(() => Lines("killed").Any(line => line.Contains("\"method\"", StringComparison.Ordinal)));
            measuring.Kill();
            measuring.Wait();
        }
        TrainProcess.Succeed(Survey("killed", "--resume"));
        Assert.Equal(whole.Value, Result("killed"));
        Assert.Empty(Checkpoints("killed"));
    }

    [SkippableFact]
    public void Two_processes_find_what_one_does()
    {
        LaunchTests.NeedMpi();
        TrainProcess.Succeed(["launch", "--nproc", "2", "--", .. Survey("two")]);
        Assert.Equal(whole.Value, Result("two"));
        // Each network once, whoever took it.
        Assert.Equal(3, Lines("two").Count(line => line.Contains("\"trained\"", StringComparison.Ordinal)));
        Assert.Equal(3, Directory.GetFileSystemEntries(Path.Combine(folder["two"], "networks")).Length);
    }

    private string[] Checkpoints(string name) => Directory.Exists(Path.Combine(folder[name], "networks"))
        ? Directory.GetFiles(Path.Combine(folder[name], "networks"), CheckpointFolder.NewestFile, SearchOption.AllDirectories)
        : [];

    /// <summary>Read as the program reads them, while another process may write.</summary>
    private string[] Lines(string name) =>
        [.. JsonLines.Read(Path.Combine(folder[name], "survey.jsonl")).Select(line => Encoding.UTF8.GetString(line.Bytes))];

    private string Result(string name)
    {
        var json = JsonNode.Parse(File.ReadAllText(Path.Combine(folder[name], "survey.json")))!.AsObject();
        Assert.True(json.Remove("elapsedSeconds") && json.Remove("seal"));
        var provenance = json["provenance"]!.AsObject();
        Assert.True(provenance.Remove("command") && provenance.Remove("machine"));
        return json.ToJsonString();
    }
}
