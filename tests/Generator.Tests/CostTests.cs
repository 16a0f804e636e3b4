using DataSsl.SearchSpaces;

namespace DataSsl.Generator.Tests;

/// <summary>Costs against published and independently computed figures: torchvision's ResNet50 and DATA's Tables 1, 3 and 6.</summary>
public sealed class CostTests
{
    [Theory]
    [InlineData("ResNet50", 4_087_136_256, 23_454_912, 23_454_912 + 53_120)]
    [InlineData("Max", 15_512_010_752, 84_617_408, 84_617_408 + 167_168)]
    [InlineData("Min", 1_665_441_792, 9_703_008, 9_703_008 + 30_016)]
    public void Known_networks_cost_what_is_known(string name, long macs, long weights, long parameters)
    {
        var plan = TestSpaces.DataResNet;
        var choices = name switch
        {
            "Max" => plan.Space.Max,
            "Min" => plan.Space.Min,
            _ => plan.Space.Anchors.First(a => a.Name == name).Choices,
        };
        Assert.Equal(macs, plan.Macs(choices, 224));
        Assert.Equal(weights, plan.ConvWeights(choices));
        Assert.Equal(parameters, plan.Parameters(choices));
    }

    /// <summary>
    /// Published parameter counts with their 1000-way heads, and torchvision's MACs without them; ViT-Ti's with its attention products.
    /// </summary>
    [Theory]
    [InlineData("resnet-basic", "ResNet18", 1_813_561_344, 11_689_512)]
    [InlineData("resnet-basic", "ResNet34", 3_663_249_408, 21_797_672)]
    [InlineData("data-resnet", "ResNet101", 7_799_357_440, 44_549_160)]
    [InlineData("mobilenet-v2", "MobileNetV2", 299_494_272, 3_504_872)]
    [InlineData("vit", "ViTTi16", 1_253_491_200, 5_717_416)]
    public void Anchors_cost_what_is_published(string file, string anchor, long macs, long parameters)
    {
        var plan = TestSpaces.Plan(TestSpaces.Read($"{file}.space.yaml"));
        var choices = plan.Space.Anchors.First(a => a.Name == anchor).Choices;
        Assert.Equal(macs, plan.Macs(choices, 224));
        Assert.Equal(parameters, plan.Parameters(choices) + 1000 * (plan.Embedding.At(choices) + 1));
    }

    [Theory]
    [InlineData("2,2,5,2", "32,48,96,192,512", 1.873, 13.635)]
    [InlineData("2,2,13,2", "48,48,96,192,384", 2.690, 14.723)]
    [InlineData("3,2,17,3", "32,48,96,192,512", 3.688, 25.651)]
    [InlineData("2,2,25,2", "64,64,128,192,384", 4.687, 22.718)]
    [InlineData("4,6,21,4", "32,64,96,192,640", 5.919, 43.357)]
    [InlineData("3,6,27,3", "64,80,96,192,640", 6.581, 40.243)]
    [InlineData("2,2,5,2", "48,48,96,192,512", 1.914, 13.641)]
    [InlineData("3,2,9,2", "48,48,96,192,512", 2.528, 16.187)]
    [InlineData("2,2,17,3", "32,48,96,192,384", 3.262, 19.730)]
    [InlineData("2,6,19,3", "32,48,96,192,640", 4.680, 34.914)]
    [InlineData("2,4,25,3", "64,64,128,192,640", 5.927, 39.085)]
    [InlineData("4,6,23,4", "32,64,128,192,640", 6.805, 45.476)]
    [InlineData("4,6,21,4", "32,64,160,192,640", 7.357, 45.290)]
    public void Rows_of_tables_3_and_6(string depths, string widths, double giga, double mega)
    {
        var plan = TestSpaces.DataResNet;
        var choices = TestSpaces.Choices(plan, [.. widths.Split(',').Select(int.Parse)], [.. depths.Split(',').Select(int.Parse)]);
        Assert.Equal(giga, plan.Macs(choices, 224) / 1e9, 3);
        Assert.Equal(mega, plan.ConvWeights(choices) / 1e6, 3);
    }

    [Fact]
    public void Table_1_has_85293_architectures_in_the_known_groups()
    {
        var plan = TestSpaces.DataResNet;
        Assert.Equal(85_293, plan.Space.Count);
        // The cost of an architecture is a sum over stages, so counting with the plan needs every architecture only once.
        var groups = new int[16];
        foreach (var choices in Grid(plan.Space)) groups[plan.Macs(choices, 224) / 1_000_000_000]++;
        Assert.Equal([34, 1986, 8597, 14504, 15651, 12033, 9142], groups[1..8]);
    }

    private static IEnumerable<EquatableArray<int>> Grid(Space space)
    {
        var choices = new int[space.Axes.Count];
        for (var index = 0L; index < space.Count; index++)
        {
            var rest = index;
            for (var i = choices.Length - 1; i >= 0; i--)
            {
                choices[i] = space.Axes[i].Values[(int)(rest % space.Axes[i].Values.Count)];
                rest /= space.Axes[i].Values.Count;
            }
            yield return choices.ToEquatableArray();
        }
    }
}
