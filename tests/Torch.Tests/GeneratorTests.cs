using static TorchSharp.torch;

namespace DataSsl.Torch.Tests;

[Collection(nameof(LiveCount))]
public class GeneratorTests
{
    [Fact]
    public void The_same_seed_gives_the_same_numbers()
    {
        manual_seed(11);
        using var first = randn(100);
        manual_seed(11);
        using var second = randn(100);
        Assert.True(first.allclose(second, 0, 0));
    }

    [Fact]
    public void State_can_be_taken_and_put_back()
    {
        using var generator = new Generator(5);
        using var state = generator.get_state();
        using var first = rand(8, generator: generator);
        using var second = rand(8, generator: generator);
        generator.set_state(state);
        using var again = rand(8, generator: generator);
        Assert.True(first.allclose(again, 0, 0));
        Assert.False(first.allclose(second));
        Assert.Equal(5, generator.initial_seed());
    }

    [Fact]
    public void Own_generators_leave_the_default_one_alone()
    {
        manual_seed(1);
        using var expected = rand(3);
        manual_seed(1);
        using var generator = new Generator(2);
        rand(3, generator: generator).Dispose();
        using var got = rand(3);
        Assert.True(expected.allclose(got, 0, 0));
    }

    [Fact]
    public void The_default_state_travels_through_torch_random()
    {
        using var state = random.get_rng_state();
        using var first = rand(4);
        random.set_rng_state(state);
        using var again = rand(4);
        Assert.True(first.allclose(again, 0, 0));
    }
}
