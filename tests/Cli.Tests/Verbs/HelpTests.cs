namespace DataSsl.Cli.Tests.Verbs;

[Collection(nameof(ConsoleCollection))]
public sealed class HelpTests
{
    [Theory]
    [InlineData("doctor", "--json")]
    [InlineData("space")]
    [InlineData("space list", "--json")]
    [InlineData("space show", "NAME", "--json")]
    [InlineData("space check", "FILE", "--json")]
    [InlineData("cost", "--space", "--arch", "--width", "--depth", "--size", "--json")]
    [
        InlineData(
            "train", "--space", "--data", "--out", "--size", "--batch", "--epochs", "--rate", "--queue", "--seed", "--resume", "--device",
            "--threads", "--json"),
    ]
    [InlineData("launch", "--nproc", "COMMAND")]
    [
        InlineData(
            "search", "--checkpoint", "--data", "--out", "--tasks", "--budgets", "--strategy", "--candidates", "--list", "--images",
            "--size", "--seed", "--device", "--threads", "--json"),
    ]
    [
        InlineData(
            "emit", "--search", "--checkpoint", "--arch", "--name", "--namespace", "--forms", "--shared-loader", "--license", "--data",
            "--out", "--images", "--size", "--seed", "--threads", "--json"),
    ]
    [InlineData("evaluate", "knn", "linear", "finetune", "detect", "instances", "segment")]
    [
        InlineData(
            "evaluate knn", "--checkpoint", "--arch", "--random", "--space", "--emitted", "--weights", "--data", "--test", "--labels",
            "--k", "--temperature", "--calibration", "--size", "--out", "--seed", "--device", "--threads", "--json"),
    ]
    [InlineData("evaluate linear", "--checkpoint", "--data", "--labels", "--l2")]
    [
        InlineData(
            "evaluate finetune", "--checkpoint", "--data", "--labels", "--epochs", "--batch", "--rate", "--head-rate", "--weight-decay"),
    ]
    [
        InlineData(
            "evaluate detect", "--checkpoint", "--data", "--test", "--labels", "--head", "--width", "--size", "--epochs", "--batch",
            "--rate", "--schedule", "--norm", "--out", "--resume"),
    ]
    [InlineData("evaluate instances", "--checkpoint", "--data", "--width", "--schedule")]
    [InlineData("evaluate segment", "--checkpoint", "--data", "--void", "--classes", "--size")]
    [
        InlineData(
            "study", "--checkpoint", "--data", "--train", "--test", "--subnets", "--list", "--task", "--method", "--labels", "--l2", "--k",
            "--score", "--epochs", "--out", "--resume", "--seed", "--json"),
    ]
    [
        InlineData(
            "study detect", "--checkpoint", "--data", "--test", "--head", "--size", "--epochs", "--metric", "--subnets", "--list",
            "--tasks", "--score-size", "--compare-domain", "--out", "--resume", "--json"),
    ]
    [
        InlineData(
            "survey", "--networks", "--scenarios", "--from-supernet", "--sample", "--methods", "--knn-k", "--finetune-epochs", "--recipe",
            "--data", "--objective", "--rate", "--epochs", "--keep-runs", "--out", "--resume", "--threads", "--json"),
    ]
    [InlineData("plan survey", "--networks", "--scenarios", "--data", "--probe", "--json")]
    [InlineData("plan train", "--space", "--data", "--probe", "--json")]
    [
        InlineData(
            "embed", "--checkpoint", "--arch", "--from", "--space", "--emitted", "--data", "--out", "--calibration", "--size", "--device",
            "--threads", "--json"),
    ]
    [InlineData("similar", "nearest", "novel", "outliers", "clusters")]
    [InlineData("similar nearest", "--checkpoint", "--data", "--query", "--k", "--show", "--out", "--json")]
    [InlineData("similar novel", "--checkpoint", "--data", "--reference", "--normal", "--k", "--show", "--out", "--json")]
    [InlineData("similar outliers", "--checkpoint", "--data", "--k", "--show", "--out", "--json")]
    [InlineData("similar clusters", "--checkpoint", "--data", "--clusters", "--show", "--seed", "--out", "--json")]
    [InlineData("study instances", "--data", "--metric", "--width")]
    [InlineData("study segment", "--data", "--void", "--compare-domain")]
    [
        InlineData(
            "verdict", "--winner", "--arch", "--weights", "--weights-space", "--weights-size", "--handcrafted", "--data", "--test",
            "--shares", "--methods", "--seeds", "--by", "--epochs", "--out", "--resume", "--size", "--seed", "--json"),
    ]
    [InlineData("demo", "--out", "--images", "--epochs", "--domain", "--threads")]
    public void EveryVerbExplainsItsOptionsAndShowsAnExample(string verb, params string[] options)
    {
        var help = Command.Succeed([.. verb.Split(' '), "--help"]).Output;
        foreach (var option in options) Assert.Matches($@"(?m)^\s+<?{option}\b.*\S", help);
        Assert.Contains($"Examples:\n  datassl {verb}", help);
    }

    [Theory]
    [InlineData]
    [InlineData("space")]
    [InlineData("evaluate")]
    public void AGroupByItselfShowsItsHelp(params string[] arguments)
    {
        var run = Command.Succeed(arguments);
        Assert.Equal(Command.Succeed([.. arguments, "--help"]), run);
        Assert.Contains("Commands:", run.Output);
    }

    [Theory]
    [InlineData("See 'datassl --help'.", "fly")]
    [InlineData("See 'datassl cost --help'.", "cost", "--colour", "red")]
    [InlineData("See 'datassl space --help'.", "space", "paint")]
    [InlineData("See 'datassl space show --help'.", "space", "show")]
    [InlineData("See 'datassl search --help'.", "search", "--images", "many")]
    [InlineData("See 'datassl search --help'.", "search", "--seed", "1.5")]
    public void AnUnknownWordPointsToTheHelp(string hint, params string[] arguments) => Assert.EndsWith(hint, Command.Refuse(arguments));

    [Fact]
    public void EveryExampleIsOfAVerbAndItsOptions()
    {
        foreach (var verb in
            new[]
            {
                "doctor",
                "data check",
                "space list",
                "space show",
                "space check",
                "cost",
                "train",
                "search",
                "emit",
                "evaluate knn",
                "evaluate linear",
                "evaluate finetune",
                "evaluate detect",
                "evaluate instances",
                "evaluate segment",
                "embed",
                "similar nearest",
                "similar novel",
                "similar outliers",
                "similar clusters",
                "study",
                "study detect",
                "study instances",
                "study segment",
                "verdict",
                "demo",
            })
        {
            var help = Command.Succeed([.. verb.Split(' '), "--help"]).Output;
            var (options, examples) = (help[..help.IndexOf("Examples:", StringComparison.Ordinal)],
                help[help.IndexOf("Examples:", StringComparison.Ordinal)..]);
            foreach (var option in examples.Split([' ', '\n']).Where(word => word.StartsWith("--", StringComparison.Ordinal)))
                Assert.Contains($"  {option} ", options);
        }
    }
}
