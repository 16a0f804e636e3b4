using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Tests.Training.Objectives;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Training.Architectures;
using DataSsl.Tests;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Training.Architectures;

/// <summary>Architectures are learnt under every objective, with whatever it keeps between steps and whoever teaches it.</summary>
[Collection(SingleThread.Name)]
public sealed class ObjectiveLearningTests
{
    public static TheoryData<string, LearningRule> Cases
    {
        get
        {
            var cases = new TheoryData<string, LearningRule>();
            // A teacher like its student has no architecture beside a mixture: the command line refuses the two together.
            foreach (var (name, method) in TinyObjectives.All)
                foreach (var rule in Enum.GetValues<LearningRule>())
                    if (method.TeacherArchitecture == TeacherArchitecture.Fixed) cases.Add(name, rule);
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_choice_moves_and_a_run_that_was_stopped_comes_to_the_same_bits(string name, LearningRule rule)
    {
        using var scope = NewDisposeScope();
        using var run = new TinyRun();
        // Eight of fourteen images judge; one step of four is an epoch.
        var learning = LearningOptions.Usual(rule) with { HeldOut = 0.57, Warmup = 0, Every = 1, Rate = 0.05, Paths = 4 };
        var options = run.Options(epochs: 6) with { Method = TinyObjectives.All[name] with { Learning = learning }, Rate = 0.01 };
        using (var whole = run.Trainer(options, "whole"))
        {
            Assert.Equal(6, whole.Steps);
            run.Train(whole);
            Assert.All(whole.Model.Learner!.Choices.Logits, logits => Assert.Contains(logits, logit => logit != 0));
            Assert.True(double.IsFinite(whole.Model.Learner.HeldOutLoss!.Value));
        }
        foreach (var stop in new[] { 3, long.MaxValue })
        {
            using var part = run.Trainer(options, "parts");
            run.Train(part, until: stop);
        }
        var (expected, actual) = (State("whole"), State("parts"));
        Assert.Equal(expected.Keys, actual.Keys);
        foreach (var (key, tensor) in expected) Close.SameBits(tensor, actual[key], key);

        Dictionary<string, Tensor> State(string of)
        {
            var (tensors, _) = SafeTensors.Read(Path.Combine(run.Folder(of), CheckpointFolder.NewestFile));
            foreach (var tensor in tensors.Values) scope.Attach(tensor);
            return tensors;
        }
    }
}
