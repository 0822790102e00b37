"""Answer a pack with one's own model: a mask per row of requests.csv, named by its id.

python docs/examples/answer_pack.py pack answers
"""

import csv
import sys
from pathlib import Path

import cv2
import numpy as np
from my_model import predict

pack, answers = Path(sys.argv[1]), Path(sys.argv[2])
answers.mkdir(parents=True, exist_ok=True)
with open(pack / "requests.csv", encoding="utf-8", newline="") as file:
    for request in csv.DictReader(file):
        image = cv2.cvtColor(cv2.imread(str(pack / request["image"])), cv2.COLOR_BGR2RGB)
        mask = predict(image, request["prompt"])
        cv2.imwrite(str(answers / f"{request['id']}.png"), mask.astype(np.uint8) * 255)
