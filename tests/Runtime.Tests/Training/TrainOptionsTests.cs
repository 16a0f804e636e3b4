using System.Text.Json.Nodes;
using DataSsl.Runtime.Tests.Training.Objectives;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Training.Architectures;
using DataSsl.Runtime.Training.Objectives;

namespace DataSsl.Runtime.Tests.Training;

/// <summary>A saved configuration that somebody changed: one line, before anything is made of it.</summary>
public sealed class TrainOptionsTests
{
    private static readonly TrainOptions Options = new()
    {
        Space = "Tiny",
        SpaceHash = "0",
        Data = "images",
        DataFingerprint = "",
        Size = 32,
        Batch = TinyModel.Batch,
        Epochs = 3,
        Rate = 0.05,
        Seed = 9,
        Compute = ComputeType.Float32,
        Method = TinyModel.Method,
    };

    private static readonly string Whole = Options.ToJson();

    [Fact]
    public void What_is_read_is_what_was_written() => Assert.Equal(Options, TrainOptions.FromJson("train.json", Whole));

    /// <summary>Two of three epochs of ten steps warm up; half of the cosine's steps later the rate is half way down.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(0.02)]
    public void The_rate_grows_in_equal_steps_from_where_the_warm_up_begins(double start)
    {
        var options = Options with { WarmupEpochs = 2, WarmupRate = start, FinalRate = 0.01 };
        for (var step = 0; step < 20; step++) Assert.Equal(start + (step + 1) * (0.05 - start) / 20, At(step), 1e-12);
        Assert.Equal((0.05, 0.03), (Math.Round(At(20), 12), Math.Round(At(25), 12)));

        double At(int step) => options.RateAt(new(step, 30, 10));
    }

    [Fact]
    public void A_warm_up_that_there_is_not_begins_nowhere() =>
        Assert.StartsWith(
            "--warmup-rate 0.02: there is no warm-up; give --warmup",
            Assert.Throws<UserException>(() => (Options with { WarmupRate = 0.02 }).Checked("--")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(MoCoOptions.Id, "stem=16 stage1=8x2 stage2=16x2", "goes with a supernet; the teacher of one network is like it")]
    [InlineData(SimClrOptions.Id, null, "simclr has no momentum teacher")]
    public void A_teacher_like_the_student_takes_a_supernet_and_a_teacher(string objective, string? architecture, string problem)
    {
        var method = TinyObjectives.All[objective] with
        {
            Architecture = architecture,
            TeacherArchitecture = TeacherArchitecture.Student,
        };
        Assert.Equal(
            $"--teacher-architecture student: {problem}",
            Assert.Throws<UserException>(() => (Options with { Batch = TinyObjectives.Images, Method = method }).Checked("--")).Message);
    }

    [Theory]
    [InlineData(LearningRule.Darts)]
    [InlineData(LearningRule.Proxyless)]
    public void A_teacher_is_not_like_a_student_whose_architecture_is_learnt(LearningRule rule)
    {
        var method = TinyObjectives.All["moco-v2-unfixed"] with { Learning = LearningOptions.Usual(rule) };
        Assert.StartsWith(
            "--teacher-architecture student: a mixture of architectures",
            Assert.Throws<UserException>(() => (Options with { Batch = TinyObjectives.Images, Method = method }).Checked("--")).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1)]
    [InlineData(double.NaN)]
    public void No_branch_is_left_out_for_all_images(double share) =>
        Assert.StartsWith(
            FormattableString.Invariant($"--drop-path {share}: "),
            Assert.Throws<UserException>(() => (Options with { Method = Options.Method with { DropPath = share } }).Checked("--")).Message,
            StringComparison.Ordinal);

    /// <summary>Every part of it that is not optional, down to the numbers of a view.</summary>
    [Fact]
    public void A_missing_or_empty_part_is_told()
    {
        var missing = 0;
        foreach (var path in Members(JsonNode.Parse(Whole)!, []))
            foreach (var empty in new[] { false, true })
            {
                var root = JsonNode.Parse(Whole)!;
                var parent = path[..^1].Aggregate(root, (node, key) => key is int i ? node[i]! : node[(string)key]!);
                if (empty) parent[(string)path[^1]] = null;
                else parent.AsObject().Remove((string)path[^1]);
                if (Refused(root.ToJsonString()) is not null) missing++;
            }
        Assert.True(missing > 40, $"{missing} were refused");
        Assert.Contains("views", Refused(With("method", "views", null)));
    }

    [Theory]
    [InlineData(7, "rule", "method")]
    [InlineData(7, "kind", "method", "optimizer")]
    [InlineData(7, "crop", "method", "views", "views", 0, "recipe")]
    [InlineData(7, "interpolation", "method", "views", "views", 0, "recipe")]
    [InlineData(9, "roles", "method", "views", "views", 0)]
    [InlineData(1e9, "high", "method", "views", "views", 0, "recipe", "blurSigma")]
    [InlineData(1e9, "size", "method", "views", "views", 0, "recipe")]
    [InlineData(1e9, "brightness", "method", "views", "views", 0, "recipe")]
    [InlineData(0, "red", "method", "views", "views", 0, "recipe", "std")]
    [InlineData(2, "flipChance", "method", "views", "views", 0, "recipe")]
    [InlineData(7, "target", "method", "views", "terms", 0)]
    [InlineData(-1, "epochs")]
    [InlineData(0, "size")]
    public void An_undefined_word_or_a_number_out_of_bounds_is_told(double value, string member, params object[] path)
    {
        var root = JsonNode.Parse(Whole)!;
        var parent = path.Aggregate(root, (node, key) => key is int i ? node[i]! : node[(string)key]!);
        Assert.NotNull(parent[member]);
        parent[member] = value == Math.Floor(value) && Math.Abs(value) < 1e9 ? (int)value : value;
        Assert.NotNull(Refused(root.ToJsonString()));
    }

    [Theory]
    [InlineData("\"epochs\"", "\"seed\": 1, \"epochs\"")]
    [InlineData("\"rate\": ", "\"rate\": 1e999, \"unknown\": ")]
    [InlineData("\"views\": [", "\"views\": [ null, ")]
    [InlineData("\"terms\": [", "\"terms\": [ null, ")]
    public void A_name_twice_or_a_hole_in_a_list_is_told(string old, string @new)
    {
        Assert.Contains(old, Whole);
        Assert.NotNull(Refused(Whole.Replace(old, @new)));
    }

    private static string With(string part, string member, JsonNode? value)
    {
        var root = JsonNode.Parse(Whole)!;
        root[part]![member] = value;
        return root.ToJsonString();
    }

    /// <summary>The places of every member.</summary>
    private static IEnumerable<object[]> Members(JsonNode node, object[] at) => node switch
    {
        JsonObject o => o.SelectMany(m => Members(m.Value ?? JsonValue.Create(0), [.. at, m.Key]).Prepend([.. at, m.Key])),
        JsonArray a => a.SelectMany((item, i) => Members(item!, [.. at, i])),
        _ => [],
    };

    /// <summary>What refuses a text, which is one line that names the file; null where it is taken.</summary>
    private static string? Refused(string text)
    {
        try
        {
            TrainOptions.FromJson("train.json", text).Method.CheckViews();
            return null;
        }
        catch (UserException e)
        {
            Assert.StartsWith("train.json: ", e.Message);
            Assert.DoesNotContain('\n', e.Message);
            return e.Message;
        }
    }
}
