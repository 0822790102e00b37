"""Measure a function on a suite and read its numbers.

python docs/examples/evaluate_in_python.py quick results/quick
"""

import sys

from my_model import predict

from c2seg_bench import evaluate

suite, out = sys.argv[1:]
result = evaluate(predict, suite, name="Grey spots", link="https://example.org/spots", out=out)
print(result)
main = result.table("main").set_index("metric")
print(f"Dice {main.loc['dice', 'value']:.1f} %, {len(result.scores)} masks scored, report in {result.report}")
