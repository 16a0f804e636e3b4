using DataSsl.Search.Results;

namespace DataSsl.Search.Tests.Report;

/// <summary>A verdict of believable shape: a gain over the given weights, and none over the handcrafted network.</summary>
internal static class SyntheticVerdict
{
    public static VerdictReport Of()
    {
        var decision = new VerdictDecision(
            new("imagenet-resnet18", new(0.03, 0.021, 0.04), 0.6), new("ResNet50", new(0.004, -0.011, 0.019), 0.52));
        VerdictRow Row(string role, string name, double accuracy) => new(
            role, name, $"runs/{role}", "DataResNet", Spaces.DataResNet.Space.Max.ToString(), 224, 3_610_000_000, 22_100_000, 88_400_000,
            0.0123,
            [Figure(role, accuracy - 0.05), Figure(role, accuracy)]);
        VerdictFigure Figure(string role, double accuracy) =>
            new(
                accuracy, [accuracy - 0.01, accuracy + 0.01],
                role == "winner" ? null : new(0.8 - accuracy, 0.79 - accuracy, 0.81 - accuracy));
        return new(
            decision.Sentence, decision, "finetune@100%", [new("linear", "linear", 1, 900), new("finetune@100%", "finetune", 1, 900)],
            [
                Row("random", "random weights", 0.41), Row("given", "imagenet-resnet18", 0.77),
                Row("handcrafted", "ResNet50, trained by us", 0.796), Row("winner", "winner", 0.8),
            ],
            null, 2, 400,
                new Dictionary<string, string>
                {
                    ["winner"] = "runs/mine",
                    ["command"] = "datassl verdict --winner runs/mine --data labelled --out verdicts/mine",
                },
                123.4);
    }
}
