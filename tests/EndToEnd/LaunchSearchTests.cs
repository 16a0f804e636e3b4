using System.Text.Json.Nodes;

namespace DataSsl.EndToEnd;

/// <summary>A search that two real processes share finds what one finds by itself, to the bit.</summary>
public sealed class LaunchSearchTests
{
    [SkippableFact]
    public void Two_processes_breed_and_rank_what_one_does()
    {
        LaunchTests.NeedMpi();
        using var folder = new TrainFolder();
        string[] Search(string name) =>
        [
            "search", "--checkpoint", TrainedRuns.Of(1), "--data", TrainedRuns.Images, "--images", "8", "--budgets", "all,params<=100K",
            "--tasks", "classification,segmentation",
            "--strategy", "evolution", "--candidates", "25", "--threads", "1", "--out", folder[name],
        ];
        TrainProcess.Succeed(Search("one"));
        TrainProcess.Succeed(["launch", "--nproc", "2", "--", .. Search("two")]);
        Assert.Equal(Result("one"), Result("two"));
        Assert.Equal(["search.jsonl"], Directory.GetFiles(folder["two"], "search*.jsonl").Select(Path.GetFileName));

        string Result(string name)
        {
            var json = JsonNode.Parse(File.ReadAllText(Path.Combine(folder[name], "search.json")))!.AsObject();
            Assert.True(json.Remove("elapsedSeconds") && json.Remove("seal") && json["provenance"]!.AsObject().Remove("command"));
            return json.ToJsonString();
        }
    }
}
